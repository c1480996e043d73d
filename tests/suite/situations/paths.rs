//! Links, short names, odd spellings, folders that cannot be listed.

use super::{AUTH, Answer, Situation};

pub(super) const SITUATIONS: &[Situation] = &[Situation {
    id: "paths/control",
    what: "nothing is hidden: the page lies in owa\\auth",
    plant: |server| server.shell(&format!(r"{AUTH}\errorFE2.aspx")),
    more: &[],
    answer: Answer::Finding {
        path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\errorFE2.aspx",
        reason: "signature/china_chopper_jscript_eval_unsafe",
        level: "critical",
    },
    ordinary: Some(|server| server.remove(r"C:\inetpub\wwwroot\robots.txt")),
}];
