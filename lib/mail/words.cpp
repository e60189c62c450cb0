// SPDX-License-Identifier: Apache-2.0
#include "mail/words.hpp"

#include <array>
#include <span>

#include "base/check.hpp"

namespace sigilo::mail {
namespace {

constexpr Words spanish{
    .language = "es",
    .subject = "Alerta de gravedad {}: {} · línea {}",
    .heading = "Alerta de gravedad {}",
    .line = "Línea",
    .party = "Otra parte",
    .category = "Categoría",
    .rule = "Regla",
    .policy = "Política",
    .record = "Registro",
    .received = "Recibido",
    .sent_by_firm = "Enviado",
    .severity_is = "gravedad {}",
    .unknown_party = "desconocida",
    .low = "baja",
    .medium = "media",
    .high = "alta",
    .conversation = "La conversación",
    .excerpts = "Las palabras halladas",
    .this_message = "motivo de la alerta",
    .only_excerpts =
        "Se muestran solo las palabras halladas y lo que las rodea; el resto queda en la firma.",
    .long_text = "El texto es largo y se muestra en parte; completo está en el registro {}.",
    .no_content =
        "Para resguardar el secreto profesional, este correo no lleva el contenido del mensaje "
        "ni dice quién es la otra parte.",
    .no_text = "sin texto",
    .next = "Qué hacer ahora",
    .show = "Leer el mensaje completo, en el servidor de la firma:",
    .alerts = "Ver todas las alertas abiertas:",
    .reading_is_recorded = "Cada lectura queda asentada en el registro.",
    .confidential = "Confidencial: amparado por el secreto profesional.",
    .automatic = "Mensaje automático de sigilo en {}. No hace falta responderlo.",
    .lost_subject = "Un archivo no se pudo guardar · línea {}",
    .lost_heading = "Un archivo no se pudo guardar",
    .file = "Archivo",
    .why = "Por qué",
    .lost_what =
        "El mensaje está asentado, pero el archivo que lo acompaña no llegó a la bóveda. Lo que "
        "falta queda asentado.",
    .lost_next =
        "Pida a quien lo envió que lo mande otra vez, o guarde la copia que está en el teléfono. "
        "El "
        "detalle del mensaje:",
    .since = "Desde",
    .failing_subject = "Urgente: sigilo no puede guardar los mensajes",
    .failing_title = "sigilo no puede guardar los mensajes",
    .failing_what =
        "El disco del servidor está lleno o falla. Los mensajes nuevos no se aceptan: el proveedor "
        "los "
        "conserva y los envía otra vez por un tiempo limitado. Lo guardado hasta ahora está a "
        "salvo.",
    .failing_next =
        "Pida hoy mismo al administrador que libere espacio o repare el disco de la bóveda. sigilo "
        "sigue "
        "solo en cuanto pueda escribir. El detalle:",
    .recovered_subject = "sigilo vuelve a guardar los mensajes",
    .recovered_title = "sigilo vuelve a guardar los mensajes",
    .recovered_what =
        "La bóveda se puede escribir de nuevo. El proveedor envía otra vez lo que no se aceptó.",
    .recovered_next =
        "Pida al administrador que compruebe el espacio libre y el estado de las líneas:",
};

constexpr Words portuguese{
    .language = "pt",
    .subject = "Alerta de gravidade {}: {} · linha {}",
    .heading = "Alerta de gravidade {}",
    .line = "Linha",
    .party = "Outra parte",
    .category = "Categoria",
    .rule = "Regra",
    .policy = "Política",
    .record = "Registro",
    .received = "Recebida",
    .sent_by_firm = "Enviada",
    .severity_is = "gravidade {}",
    .unknown_party = "desconhecida",
    .low = "baixa",
    .medium = "média",
    .high = "alta",
    .conversation = "A conversa",
    .excerpts = "As palavras encontradas",
    .this_message = "motivo do alerta",
    .only_excerpts =
        "São mostradas só as palavras encontradas e o que está em volta; o resto fica no "
        "escritório.",
    .long_text = "O texto é longo e aparece em parte; completo, está no registro {}.",
    .no_content =
        "Para resguardar o sigilo profissional, este e-mail não traz o conteúdo da mensagem "
        "nem diz quem é a outra parte.",
    .no_text = "sem texto",
    .next = "O que fazer agora",
    .show = "Ler a mensagem completa, no servidor do escritório:",
    .alerts = "Ver todos os alertas abertos:",
    .reading_is_recorded = "Cada leitura fica anotada no registro.",
    .confidential = "Confidencial: protegido pelo sigilo profissional.",
    .automatic = "Mensagem automática do sigilo em {}. Não é preciso responder.",
    .lost_subject = "Um arquivo não pôde ser guardado · linha {}",
    .lost_heading = "Um arquivo não pôde ser guardado",
    .file = "Arquivo",
    .why = "Por quê",
    .lost_what =
        "A mensagem está registrada, mas o arquivo que a acompanha não chegou ao cofre. O que "
        "falta "
        "fica registrado.",
    .lost_next =
        "Peça a quem o enviou que o mande de novo, ou guarde a cópia que está no telefone. O "
        "detalhe "
        "da mensagem:",
    .since = "Desde",
    .failing_subject = "Urgente: o sigilo não consegue guardar as mensagens",
    .failing_title = "O sigilo não consegue guardar as mensagens",
    .failing_what =
        "O disco do servidor está cheio ou com defeito. Mensagens novas não são aceitas: o "
        "provedor as "
        "conserva e as envia de novo por tempo limitado. O que já foi guardado está a salvo.",
    .failing_next =
        "Peça ainda hoje ao administrador que libere espaço ou conserte o disco do cofre. O sigilo "
        "continua sozinho assim que puder gravar. O detalhe:",
    .recovered_subject = "O sigilo voltou a guardar as mensagens",
    .recovered_title = "O sigilo voltou a guardar as mensagens",
    .recovered_what =
        "O cofre pode ser gravado de novo. O provedor envia outra vez o que não foi aceito.",
    .recovered_next = "Peça ao administrador que verifique o espaço livre e o estado das linhas:",
};

constexpr Words english{
    .language = "en",
    .subject = "Alert, {} severity: {} · line {}",
    .heading = "Alert, {} severity",
    .line = "Line",
    .party = "Other party",
    .category = "Category",
    .rule = "Rule",
    .policy = "Policy",
    .record = "Record",
    .received = "Received",
    .sent_by_firm = "Sent",
    .severity_is = "{} severity",
    .unknown_party = "unknown",
    .low = "low",
    .medium = "medium",
    .high = "high",
    .conversation = "The conversation",
    .excerpts = "The words found",
    .this_message = "caused this alert",
    .only_excerpts =
        "Only the words found and what stands around them are shown; the rest stays in the firm.",
    .long_text = "The text is long and shown in part; the whole of it is in record {}.",
    .no_content =
        "To protect professional secrecy, this mail carries neither the message's content "
        "nor who the other party is.",
    .no_text = "no text",
    .next = "What to do next",
    .show = "Read the whole message, on the firm's server:",
    .alerts = "See all open alerts:",
    .reading_is_recorded = "Each reading is recorded.",
    .confidential = "Confidential: protected by professional secrecy.",
    .automatic = "Automatic message from sigilo at {}. There is no need to answer.",
    .lost_subject = "A file could not be kept · line {}",
    .lost_heading = "A file could not be kept",
    .file = "File",
    .why = "Why",
    .lost_what =
        "The message is on record, but the file that belongs to it did not reach the vault. The "
        "loss "
        "is on record.",
    .lost_next =
        "Ask whoever sent it to send it again, or save the copy that is on the phone. The "
        "message's "
        "details:",
    .since = "Since",
    .failing_subject = "Urgent: sigilo cannot store messages",
    .failing_title = "sigilo cannot store messages",
    .failing_what =
        "The server's disk is full or failing. New messages are not accepted: the provider keeps "
        "them "
        "and sends them again for a limited time. What was stored so far is safe.",
    .failing_next =
        "Ask the administrator today to make room on the vault's disk or to repair it. sigilo goes "
        "on by "
        "itself as soon as it can write. The details:",
    .recovered_subject = "sigilo stores messages again",
    .recovered_title = "sigilo stores messages again",
    .recovered_what =
        "The vault can be written again. The provider sends once more what was not accepted.",
    .recovered_next = "Ask the administrator to check the free space and the state of the lines:",
};

/// One word of the product or the provider, and what people call it.
struct Entry {
  std::string_view word;
  std::string_view es, pt, en;
};

constexpr std::array<Entry, 8> categories{{
    {"harassment", "acoso", "assédio", "harassment"},
    {"threat", "amenaza", "ameaça", "threat"},
    {"bribery", "soborno", "suborno", "bribery"},
    {"ruling-purchase", "compra de fallos", "compra de decisões judiciais", "purchase of rulings"},
    {"policy-breach", "incumplimiento de normas de la firma", "violação das normas do escritório",
     "breach of the firm's rules"},
    {"legal-irregularity", "irregularidad legal", "irregularidade legal", "legal irregularity"},
    {"abuse", "maltrato", "maus-tratos", "abuse"},
    {"media-lost", "archivo que no se pudo guardar", "arquivo que não pôde ser guardado",
     "file that could not be kept"},
}};

constexpr std::array<Entry, 15> types{{
    {"text", "", "", ""},
    {"image", "imagen", "imagem", "image"},
    {"audio", "audio", "áudio", "audio"},
    {"voice", "audio", "áudio", "audio"},
    {"video", "video", "vídeo", "video"},
    {"document", "documento", "documento", "document"},
    {"sticker", "sticker", "figurinha", "sticker"},
    {"location", "ubicación", "localização", "location"},
    {"contacts", "contacto", "contato", "contact"},
    {"reaction", "reacción", "reação", "reaction"},
    {"interactive", "respuesta interactiva", "resposta interativa", "interactive reply"},
    {"button", "botón", "botão", "button"},
    {"order", "pedido", "pedido", "order"},
    {"system", "aviso de WhatsApp", "aviso do WhatsApp", "WhatsApp notice"},
    {"unsupported", "mensaje no admitido por la API", "mensagem não admitida pela API",
     "message the API does not support"},
}};

constexpr std::array<Entry, 5> losses{{
    {"gone", "El proveedor ya no lo tiene: conserva los archivos pocos días.",
     "O provedor já não o tem: conserva os arquivos por poucos dias.",
     "The provider has it no longer: it keeps files for some days only."},
    {"unreachable", "El proveedor no lo entregó en todos los días en que se lo pidió.",
     "O provedor não o entregou em todos os dias em que foi pedido.",
     "The provider did not give it in all the days of asking."},
    {"other-bytes", "Lo que entregó el proveedor no es el archivo que nombra el mensaje.",
     "O que o provedor entregou não é o arquivo que a mensagem nomeia.",
     "What the provider gave is not the file that the message names."},
    {"too-large", "Es más grande que el máximo configurado (media_max).",
     "É maior que o máximo configurado (media_max).",
     "It is larger than the maximum that is configured (media_max)."},
    {"erased", "El mensaje fue suprimido antes de que se buscara el archivo.",
     "A mensagem foi suprimida antes de o arquivo ser buscado.",
     "The message was erased before its file was fetched."},
}};

std::string_view in_language(const Entry& entry, Language language) {
  switch (language) {
    case Language::es:
      return entry.es;
    case Language::pt:
      return entry.pt;
    case Language::en:
      return entry.en;
  }
  SIGILO_CHECK(false, "a language without words");
  return {};
}

std::string look_up(std::span<const Entry> entries, std::string_view word, Language language) {
  for (const auto& entry : entries) {
    if (entry.word == word) return std::string(in_language(entry, language));
  }
  return std::string(word);
}

}  // namespace

const Words& words(Language language) {
  switch (language) {
    case Language::es:
      return spanish;
    case Language::pt:
      return portuguese;
    case Language::en:
      return english;
  }
  SIGILO_CHECK(false, "a language without words");
  return english;
}

std::string_view severity_word(Severity severity, Language language) {
  switch (severity) {
    case Severity::low:
      return words(language).low;
    case Severity::medium:
      return words(language).medium;
    case Severity::high:
      return words(language).high;
  }
  SIGILO_CHECK(false, "a severity without a word");
  return {};
}

std::string category_word(std::string_view category, Language language) {
  return look_up(categories, category, language);
}

std::string type_word(std::string_view type, Language language) {
  return look_up(types, type, language);
}

std::string loss_words(vault::MediaLoss loss, Language language) {
  return look_up(losses, to_string(loss), language);
}

}  // namespace sigilo::mail
