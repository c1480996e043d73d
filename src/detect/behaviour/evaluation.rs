//! Behaviours that evaluate, compile or transform text as code.

use super::facts::*;
use crate::code::api_model::{Sink, types};
use crate::code::flow::value::TaintFlags;
use crate::model::CheckInfo;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        check: CheckInfo {
            id: "behaviour/eval_request_input",
            title: "executes request input (eval)",
            score: 95,
            looks_for: "Request input reaches an evaluator: `Execute`, `ExecuteGlobal` and `Eval` in VBScript, `eval` \
                        and `new Function` in JScript, the JScript.NET evaluator, a script control, a PowerShell \
                        pipeline, script in a style sheet; in PHP `eval`, `assert`, `create_function`, `preg_replace` \
                        with the modifier e, a function called by a name from the request, or `php://input` as an \
                        include; the script engines of Java.",
            why: "Anyone who requests the page can run any code. China Chopper and every other one-line webshell works \
                  this way.",
            benign_look_alikes: "None known. `Execute` is also a method of database objects and of functions that \
                                 pages define to run SQL, so the object is checked and text that starts like SQL is \
                                 not treated as code; `Eval(\"column\")` in ASP.NET is data binding. Template engines \
                                 evaluate conditions that contain request values: input between other text that passed \
                                 through an unknown function does not count.",
            attack: &["T1505.003", "T1059"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.which(&[Sink::Evaluate], |e| data(e) && !between(e) && !f.is_sql(e)),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/include_request_path",
            title: "executes a file whose path is request input (file inclusion)",
            score: 72,
            looks_for: "The whole path of a PHP `include` or `require` is request input.",
            why: "Any file on the server, or a remote URL, runs as part of this page: an upload, a log file, a remote \
                  script (CWE-98).",
            benign_look_alikes: "Old pages that select their content this way are vulnerable to exactly this. A path \
                                 that starts with a fixed folder or ends with a fixed extension does not count.",
            attack: &["T1505.003", "T1190"],
            references: &["https://cwe.mitre.org/data/definitions/98.html"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.which(&[Sink::Include], whole),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/decoded_function_call",
            title: "calls a function with a decoded name on request input",
            score: 80,
            looks_for: "The name of a PHP function is computed in the page, by replacing characters or by indexing \
                        into a string, and the function is called with request input.",
            why: "The only reason to hide a function name is what the function does.",
            benign_look_alikes: "None known.",
            attack: &["T1505.003", "T1027"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            if f.is_php() {
                f.which(&[Sink::Reflect], |e| has(e, TaintFlags::BUILT) && unknown(e) && with_data(e) && !data(e))
            } else {
                Vec::new()
            }
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/eval_decoded_code",
            title: "executes code that the page decodes itself",
            score: 75,
            looks_for: "The evaluated code is computed in the page: by replacing characters, by cutting up a long \
                        constant, or by passing a constant to a decoding function.",
            why: "A page has no reason to hide its own code from itself. Webshells are packed like this to avoid \
                  keyword searches.",
            benign_look_alikes: "Commercial pages that hide a licence check; they are rare. Pages in Microsoft's \
                                 VBScript.Encode format are decoded first and are not reported for being encoded.",
            attack: &["T1505.003", "T1140", "T1027"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.which(&[Sink::Evaluate], |e| {
                let made = has(e, TaintFlags::BUILT)
                    || has(e, TaintFlags::LONG) && has(e, TaintFlags::SPLICED)
                    || f.is_decoder_call(e);
                made && unknown(e) && !data(e) && !f.is_character(e)
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/eval_concatenated_code",
            title: "executes code assembled from pieces",
            score: 15,
            looks_for: "The evaluated code is cut from, or replaced in, text that does not come from this page.",
            why: "A decoder whose key is stored elsewhere looks like this.",
            benign_look_alikes: "Template engines and content management systems that keep code in a database.",
            attack: &["T1505.003", "T1027"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.which(&[Sink::Evaluate], |e| {
                has(e, TaintFlags::SPLICED) && !has(e, TaintFlags::LONG | TaintFlags::BUILT) && unknown(e) && !data(e)
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/eval_remote_code",
            title: "executes code downloaded from a remote host or read from a path in the request",
            score: 85,
            looks_for: "The evaluated code is the response of a remote host, or the content of a file whose path is \
                        request input.",
            why: "The code of such a page can be stored anywhere; nothing of it needs to be on this server.",
            benign_look_alikes: "Template engines that split a file and execute parts of it: split text does not \
                                 count, nor does a file below a fixed folder. Scripts that parse JSON with `x = ` and \
                                 the response do not count either.",
            attack: &["T1505.003", "T1105"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.which(&[Sink::Evaluate], |e| {
                has(e, TaintFlags::REMOTE | TaintFlags::SELECTED)
                    && !has(e, TaintFlags::SPLICED)
                    && !data(e)
                    && !f.is_object_text(e)
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/eval_obfuscated_constant",
            title: "executes an obfuscated constant",
            score: 20,
            looks_for: "The evaluated code is a constant that is not written as one, but assembled from character \
                        codes and pieces. Its content is parsed as code and scored separately.",
            why: "There is no ordinary reason to spell a call to eval in character codes.",
            benign_look_alikes: "Content management systems that obfuscate their copyright notice; code generated in a \
                                 loop.",
            attack: &["T1027"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.which(&[Sink::Evaluate], |e| {
                f.text(e.main.constant).is_some_and(|text| text.len() > 8) && !f.is_literal(e)
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/compile_request_input",
            title: "compiles request input",
            score: 92,
            looks_for: "Request input reaches a compiler: CodeDom or Roslyn.",
            why: "This is another way to run whatever the client sends.",
            benign_look_alikes: "None known outside programming tutorials.",
            attack: &["T1505.003", "T1027.004"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.which(&[Sink::Compile], data),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/runtime_compilation",
            title: "compiles code at run time",
            score: 40,
            looks_for: "A page calls a compiler, and its source could not be traced to request input.",
            why: "Webshells compile what they decode. Pages are compiled by the server and need no compiler of their \
                  own.",
            benign_look_alikes: "Report and form designers in content management systems, usually in assemblies \
                                 rather than in pages.",
            attack: &["T1027.004"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.in_page(&[Sink::Compile], |e| !data(e)),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/xslt_injection",
            title: "runs the script of a style sheet from request input or from the page itself",
            score: 80,
            looks_for: "A style sheet that may contain script is loaded from request input, or is embedded in the page \
                        together with its script.",
            why: "Script in a style sheet is compiled and executed like other code, but searches for eval do not find \
                  it.",
            benign_look_alikes: "Style sheets with script are stored in files of their own, which this check does not \
                                 look at.",
            attack: &["T1505.003", "T1220"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let carried = f.reading.flow.values.iter().any(|value| value.flags.intersects(TaintFlags::SHEET));
            // With settings: `XsltSettings.TrustedXslt` is not made, and so says nothing by itself.
            let allowed = f.any(&[Sink::AllowScript], |_| true)
                || f.any(&[Sink::Transform], |e| e.second.types.intersects(types::XSLT_SETTINGS))
                || carried;
            f.which(&[Sink::Transform], |e| {
                let sent = data(e) || with_data(e);
                sent && (allowed || own(e, types::XML_DOM)) || carried
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/xslt_script_execution",
            title: "a style sheet script starts a process, loads an assembly or evaluates text",
            score: 60,
            looks_for: "Script in a style sheet (`msxsl:script`, in a file of its own) creates an object that can \
                        start processes, starts one, loads an assembly, or compiles code.",
            why: "A style sheet transforms markup into markup. Anyone who can choose the style sheet of a page runs \
                  its script.",
            benign_look_alikes: "None found; style sheet scripts calculate dates and format text.",
            attack: &["T1220", "T1059"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            if !f.is_sheet() {
                return Vec::new();
            }
            let tools = types::WSH | types::SHELL_APP;
            f.which(&[Sink::Start, Sink::Load, Sink::Compile, Sink::Evaluate, Sink::Create], |e| {
                e.sink != Sink::Create || own(e, tools)
            })
        },
    },
];
