// SPDX-License-Identifier: Apache-2.0
#include "bundle/transcript_words.hpp"

#include <array>

namespace sigilo::bundle {
namespace {

constexpr Words spanish{
    .title = "Transcripción de mensajes",
    .firm = "Estudio",
    .vault = "Bóveda",
    .fingerprint = "Huella de la bóveda",
    .asked = "Selección",
    .period = "Período",
    .zone = "Zona horaria de todas las horas",
    .made = "Confeccionada",
    .checkpoint = "Punto de control",
    .records = "Registros incluidos",
    .version = "Programa",
    .how_to_read =
        "A la izquierda, lo recibido; a la derecha, lo enviado por el estudio. Cada mensaje lleva "
        "el "
        "número de su registro: records/NÚMERO.txt contiene el registro firmado y su prueba, y "
        "verify.py comprueba todo sin el programa que lo confeccionó. Esta transcripción es para "
        "leer; "
        "la prueba son los registros.",
    .conversation = "Conversación de la línea {} con {}",
    .deleted = "BORRADO por quien lo envió, {} (registro {})",
    .before_edit = "Antes de la edición del {} (registro {}):",
    .edit_of_unknown = "EDICIÓN de un mensaje que no consta",
    .quoted_unknown = "(responde a un mensaje que no está en este paquete)",
    .record = "Registro {} · registrado el {}",
    .provider_id = "Identificador del proveedor: {}",
    .leaf = "Hash del registro: {}",
    .state = "{}: {} (registro {})",
    .reaction = "Reacción de {}: {} (registro {})",
    .alert = "Alerta: {} «{}» (registro {})",
    .reading = "Leído en el estudio por {}, {} (registro {})",
    .read_back = "usuario {}",
    .file_missing = "El archivo no está en este paquete",
    .see_omissions = "Véase «Omisiones», al final.",
    .type_and_size = "{}, {} bytes",
    .counts_title = "Conciliación con el libro de registros",
    .kind = "Clase de registro",
    .in_ledger = "En el libro",
    .in_period = "En el período",
    .included = "Del período, incluidos",
    .left_out = "Del período, no incluidos",
    .gaps_title = "Interrupciones y faltantes conocidos",
    .when = "Cuándo",
    .number = "Registro",
    .what = "Qué",
    .why = "Por qué",
    .omissions_title = "Omisiones",
    .none = "Ninguna.",
    .from = "desde",
    .to = "hasta"};

constexpr Words portuguese{
    .title = "Transcrição de mensagens",
    .firm = "Escritório",
    .vault = "Cofre",
    .fingerprint = "Impressão do cofre",
    .asked = "Seleção",
    .period = "Período",
    .zone = "Fuso horário de todas as horas",
    .made = "Produzida",
    .checkpoint = "Ponto de controle",
    .records = "Registros incluídos",
    .version = "Programa",
    .how_to_read =
        "À esquerda, o recebido; à direita, o enviado pelo escritório. Cada mensagem traz o número "
        "do "
        "seu registro: records/NÚMERO.txt contém o registro assinado e a sua prova, e verify.py "
        "verifica tudo sem o programa que o produziu. Esta transcrição é para leitura; a prova são "
        "os "
        "registros.",
    .conversation = "Conversa da linha {} com {}",
    .deleted = "APAGADA por quem a enviou, {} (registro {})",
    .before_edit = "Antes da edição de {} (registro {}):",
    .edit_of_unknown = "EDIÇÃO de uma mensagem que não consta",
    .quoted_unknown = "(responde a uma mensagem que não está neste pacote)",
    .record = "Registro {} · registrado em {}",
    .provider_id = "Identificador do provedor: {}",
    .leaf = "Hash do registro: {}",
    .state = "{}: {} (registro {})",
    .reaction = "Reação de {}: {} (registro {})",
    .alert = "Alerta: {} «{}» (registro {})",
    .reading = "Lida no escritório por {}, {} (registro {})",
    .read_back = "usuário {}",
    .file_missing = "O arquivo não está neste pacote",
    .see_omissions = "Ver «Omissões», no fim.",
    .type_and_size = "{}, {} bytes",
    .counts_title = "Conciliação com o livro de registros",
    .kind = "Classe de registro",
    .in_ledger = "No livro",
    .in_period = "No período",
    .included = "Do período, incluídos",
    .left_out = "Do período, não incluídos",
    .gaps_title = "Interrupções e faltas conhecidas",
    .when = "Quando",
    .number = "Registro",
    .what = "O quê",
    .why = "Por quê",
    .omissions_title = "Omissões",
    .none = "Nenhuma.",
    .from = "desde",
    .to = "até"};

constexpr Words english{.title = "Transcript of messages",
                        .firm = "Firm",
                        .vault = "Vault",
                        .fingerprint = "Fingerprint of the vault",
                        .asked = "Choice",
                        .period = "Period",
                        .zone = "Time zone of all times",
                        .made = "Made",
                        .checkpoint = "Checkpoint",
                        .records = "Records included",
                        .version = "Program",
                        .how_to_read =
                            "On the left what was received, on the right what the firm sent. Each "
                            "message bears the number "
                            "of its record: records/NUMBER.txt holds the signed record and its "
                            "proof, and verify.py checks "
                            "everything without the program that made it. This transcript is for "
                            "reading; the proof are "
                            "the records.",
                        .conversation = "Conversation of line {} with {}",
                        .deleted = "DELETED by its sender, {} (record {})",
                        .before_edit = "Before the edit of {} (record {}):",
                        .edit_of_unknown = "EDIT of a message that is not on record",
                        .quoted_unknown = "(answers a message that is not in this bundle)",
                        .record = "Record {} · recorded {}",
                        .provider_id = "Provider's id: {}",
                        .leaf = "Hash of the record: {}",
                        .state = "{}: {} (record {})",
                        .reaction = "Reaction of {}: {} (record {})",
                        .alert = "Alert: {} “{}” (record {})",
                        .reading = "Read in the firm by {}, {} (record {})",
                        .read_back = "user {}",
                        .file_missing = "The file is not in this bundle",
                        .see_omissions = "See “Omissions” at the end.",
                        .type_and_size = "{}, {} bytes",
                        .counts_title = "Reconciliation with the ledger",
                        .kind = "Kind of record",
                        .in_ledger = "In the ledger",
                        .in_period = "In the period",
                        .included = "Of the period, included",
                        .left_out = "Of the period, left out",
                        .gaps_title = "Known interruptions and gaps",
                        .when = "When",
                        .number = "Record",
                        .what = "What",
                        .why = "Why",
                        .omissions_title = "Omissions",
                        .none = "None.",
                        .from = "from",
                        .to = "to"};

struct Word {
  std::string_view name, es, pt, en;
};
constexpr std::array named{
    Word{"sent", "Enviado", "Enviada", "Sent"},
    Word{"delivered", "Entregado", "Entregue", "Delivered"},
    Word{"read", "Leído", "Lida", "Read"},
    Word{"played", "Reproducido", "Reproduzida", "Played"},
    Word{"failed", "No entregado", "Não entregue", "Failed"},
    Word{"start", "el servicio comenzó", "o serviço começou", "the service started"},
    Word{"stop", "el servicio se detuvo", "o serviço parou", "the service stopped"},
    Word{"unseen", "se menciona un mensaje que nunca llegó",
         "menciona-se uma mensagem que nunca chegou", "a message is spoken of that never came"},
    Word{"history-chunk-missing", "falta una parte del historial del teléfono",
         "falta uma parte do histórico do telefone", "a part of the phone's history is missing"},
    Word{"waiting", "aún no se obtuvo", "ainda não foi obtido", "not fetched yet"},
    Word{"lost", "el proveedor no lo entregó", "o provedor não o entregou",
         "the provider did not give it"},
    Word{"erased", "fue suprimido", "foi eliminado", "it was erased"},
    Word{"too-large", "es demasiado grande", "é grande demais", "it is too large"},
    Word{"damaged", "está dañado", "está danificado", "it is damaged"},
    Word{"body", "contenido", "conteúdo", "content"},
    Word{"file", "archivo", "arquivo", "file"}};

}  // namespace

const Words& words(Language language) {
  switch (language) {
    case Language::es:
      return spanish;
    case Language::pt:
      return portuguese;
    case Language::en:
      break;
  }
  return english;
}

std::string_view word_for(std::string_view name, Language language) {
  for (const auto& word : named) {
    if (word.name != name) continue;
    return language == Language::es ? word.es : language == Language::pt ? word.pt : word.en;
  }
  return name;
}

}  // namespace sigilo::bundle
