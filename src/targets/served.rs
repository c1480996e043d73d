//! Paths in the configuration of Apache, nginx, lighttpd, Caddy, PHP and Tomcat.

use crate::config::Document;
use crate::model::server_path::fold;

/// What a line of configuration names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Root,
    Include,
    Prepended,
    Loaded,
}

/// The folders and files that configuration of Apache, nginx, lighttpd, Caddy or PHP names.
pub(super) fn of_lines(text: &str) -> Vec<(What, String)> {
    let mut found = Vec::new();
    let mut defined: Vec<(String, String)> = Vec::new();
    for line in statements(text) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let words = words(line.trim_start_matches(['<', '{', '}', ' ']).trim_end_matches('>'));
        let Some(first) = words.first().map(|word| fold(word)) else { continue };
        let put = |value: &str| {
            let mut value = value.to_owned();
            for (name, text) in &defined {
                value = value.replace(&format!("${{{name}}}"), text);
                value = value.replace(&format!("${name}"), text);
            }
            // What follows a variable of a request is not known: the folder above it is.
            let end = value.find(['$', '%', '(']).unwrap_or(value.len());
            let known = &value[..end];
            if end < value.len() {
                known.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder).to_owned()
            } else {
                value
            }
        };
        let at = |at: usize| words.get(at).map(|value| put(value)).filter(|value| !value.is_empty());
        let (what, value) = match first.as_str() {
            "define" | "set" if words.len() > 2 => {
                let value = put(&words[2]);
                if defined.len() < 100 && value.len() < 1_000 {
                    defined.push((words[1].trim_start_matches('$').to_owned(), value));
                }
                continue;
            }
            "documentroot" | "root" | "directory" | "virtualdocumentroot" | "virtualscriptalias" => {
                (What::Root, if words.get(1).is_some_and(|word| word == "*") { at(2) } else { at(1) })
            }
            "server.document-root" | "document-root" => (What::Root, at(1)),
            "alias" | "scriptalias" | "aliasmatch" | "scriptaliasmatch" | "wsgiscriptalias" => {
                (What::Root, at(2).or(at(1)))
            }
            "include" | "includeoptional" | "import" => (What::Include, words.get(1).map(|value| value.to_owned())),
            "auto_prepend_file" | "auto_append_file" => (What::Prepended, at(1)),
            "extension" | "zend_extension" | "zend_extension_ts" | "extension_dir" | "loadmodule" | "load_module" => {
                (What::Loaded, if first == "loadmodule" { at(2) } else { at(1) })
            }
            "php_value" | "php_admin_value" | "fastcgi_param" | "setenv" => {
                let named = words.iter().position(|word| {
                    fold(word).starts_with("auto_prepend_file") || fold(word).starts_with("auto_append_file")
                });
                (What::Prepended, named.and_then(|named| at(named + 1)))
            }
            _ => continue,
        };
        if let Some(value) = value.filter(|value| !matches!(fold(value).as_str(), "none" | "off" | "\\" | "/")) {
            found.push((what, value));
        }
        if found.len() > 5_000 {
            break;
        }
    }
    found
}

/// The statements of a configuration: a line each for Apache and PHP, with what continues it; for nginx and its like they end at `;` and
/// braces, and may be many on one line or one on many.
fn statements(text: &str) -> Vec<String> {
    const CARRIED: &[&str] = &["root", "alias", "include", "server.document-root", "set"];
    let mut statements = Vec::new();
    let mut own = String::new();
    let mut continued = String::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(part) =
            line.strip_suffix('\\').filter(|_| continued.len() < 65_536 && !line.starts_with(['#', ';']))
        {
            // The path of a folder may end so as well: it stays a statement of its own.
            statements.push(line.to_owned());
            continued.push_str(part);
            continued.push(' ');
            continue;
        }
        let line = std::mem::take(&mut continued) + line;
        let mut quote = None;
        let mut before = ' ';
        let mut depth = 0;
        for c in line.chars() {
            match quote {
                Some(mark) if c == mark => quote = None,
                Some(_) => {}
                None if matches!(c, '"' | '\'') => quote = Some(c),
                // A comment ends with its line.
                None if c == '#' && before.is_whitespace() => break,
                // Of a variable: `${X}`, `%{X}`, `{$X}`.
                None if c == '{' && matches!(before, '$' | '%') => depth += 1,
                None if c == '}' && depth > 0 => depth -= 1,
                None if matches!(c, ';' | '{' | '}') => {
                    statements.push(std::mem::take(&mut own));
                    before = ' ';
                    continue;
                }
                None => {}
            }
            own.push(c);
            before = c;
        }
        match CARRIED.contains(&own.trim()) {
            true => own.push(' '),
            false => statements.push(std::mem::take(&mut own)),
        }
    }
    statements.push(own);
    statements
}

/// The words of a line of configuration, without quotation marks and what ends it.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in line.chars() {
        match quote {
            Some(own) if c == own => quote = None,
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c.is_whitespace() || matches!(c, '=' | ';' | '{') => words.push(std::mem::take(&mut word)),
            None if c == '#' && word.is_empty() => break,
            _ => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// The folders that server.xml, or a context of Tomcat, names.
pub(super) fn of_tomcat(text: &str) -> Vec<(What, String)> {
    let document = Document::parse(text);
    let mut found = Vec::new();
    for element in &document.elements {
        let attribute = match element.name.as_str() {
            "Host" => "appBase",
            "Context" => "docBase",
            "PreResources" | "PostResources" | "JarResources" | "Resources" => "base",
            "location" | "content" | "fs-archive" => "path",
            _ => continue,
        };
        let value = element.attribute(attribute);
        let value = value.rsplit('}').next().unwrap_or_default().trim_start_matches(['/', '\\']).to_owned();
        let whole = element.attribute(attribute);
        let value = if whole.contains('}') { value } else { whole.to_owned() };
        if !value.is_empty() && found.len() < 1_000 {
            found.push((What::Root, value));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_every_server_name_what_they_serve() {
        let text = "# DocumentRoot \"C:/no\"\r\nDefine SRVROOT \"C:/Apache24\"\r\nDocumentRoot \"${SRVROOT}/htdocs\"\r\n\
                    Alias /x \"D:/x y/\"\r\nInclude conf/extra/*.conf\r\n<Directory \"E:/z\">\r\n\
                    VirtualDocumentRoot C:/vhosts/%0/docs\r\n  root C:/nginx/html; # x\r\nauto_prepend_file = \"C:\\p.txt\"\r\n\
                    php_admin_value auto_append_file none\r\nserver.document-root = \"F:/l\"\r\n\troot * G:/caddy\r\n";
        let found: Vec<(What, String)> = of_lines(text);
        let of =
            |kind| found.iter().filter(|(what, _)| *what == kind).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
        assert_eq!(
            of(What::Root),
            ["C:/Apache24/htdocs", "D:/x y/", "E:/z", "C:/vhosts", "C:/nginx/html", "F:/l", "G:/caddy"]
        );
        assert_eq!((of(What::Include), of(What::Prepended)), (vec!["conf/extra/*.conf"], vec![r"C:\p.txt"]));
    }

    #[test]
    fn statements_of_nginx_stand_on_one_line_or_on_many() {
        let text = "http { include sites/*.conf; server { listen 80; root C:/a; # root C:/no;\n location /q/ { alias \"D:/b c/\"; } } }\n\
                    root\n   E:/c;\nset $top F:/d;\nroot $top/w;\nDocumentRoot \\\n  \"G:/e\"\nextension=C:\\x.dll\nextension=curl\n";
        let found: Vec<(What, String)> = of_lines(text);
        let of =
            |kind| found.iter().filter(|(what, _)| *what == kind).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
        assert_eq!(of(What::Include), ["sites/*.conf"]);
        assert_eq!(of(What::Root), ["C:/a", "D:/b c/", "E:/c", "F:/d/w", "G:/e"]);
        assert_eq!(of(What::Loaded), [r"C:\x.dll", "curl"]);
    }

    #[test]
    fn contexts_of_tomcat_name_what_they_serve() {
        let text = r#"<Server><Service><Engine><Host appBase="webapps"><Context path="" docBase="D:\app"/></Host><Host appBase="${catalina.base}/other"/></Engine></Service></Server>"#;
        let values: Vec<String> = of_tomcat(text).into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, ["webapps", r"D:\app", "other"]);
    }
}
