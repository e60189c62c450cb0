// SPDX-License-Identifier: Apache-2.0
#include "message/text_writer.hpp"

#include <catch2/catch_test_macros.hpp>

#include "json/canonical.hpp"
#include "json/parse.hpp"

using namespace sigilo;
using namespace sigilo::message;

TEST_CASE("an object's members are sorted") {
  ObjectText object;
  CHECK(object.empty());
  object.text("b", "2");
  object.json("a", array_text({message::quoted("x"), message::quoted("y")}));
  object.text("ab", "3");
  CHECK_FALSE(object.empty());
  const std::string text = object.finish();
  CHECK(text == R"({"a":["x","y"],"ab":"3","b":"2"})");
  CHECK(json::is_canonical(text));
  CHECK(ObjectText().finish() == "{}");
  CHECK(array_text({}) == "[]");
}
