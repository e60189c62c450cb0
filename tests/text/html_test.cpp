// SPDX-License-Identifier: Apache-2.0
#include "text/html.hpp"

#include <catch2/catch_test_macros.hpp>

using sigilo::text::escape_html;

TEST_CASE("HTML has no way in") {
  CHECK(escape_html("<script>alert('x')</script> & \"y\"") ==
        "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;");
}
