//! Text log formats: the type of a file by its content, and its columns.
//!
//! Exchange's logs are comma-separated. Either their first line names the columns and a `#` block follows, or there is the
//! block alone (`Microsoft.Exchange.Diagnostics.LogHeaderFormatter`); the block comes again in the middle when the process
//! starts anew, and its columns may have changed. IIS writes the W3C format, which does the same.

use super::text::{begins, time_at_start, time_of};
use crate::model::Timestamp;
use std::borrow::Cow;

/// What a log is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `Logging\HttpProxy`: requests that the front end hands to a back end.
    HttpProxy,
    /// `Logging\ECP\Server`: what the control panel ran.
    EcpServer,
    /// `Logging\ECP\Activity`.
    EcpActivity,
    /// `Logging\OABGeneratorLog`.
    OabGenerator,
    /// `Logging\Ews`.
    Ews,
    /// `Logging\CmdletInfra\...\Cmdlet`.
    Cmdlet,
    /// `Logging\CmdletInfra\...\Http`.
    PowerShellHttp,
    /// `Logging\CosmosQueue\audit`.
    Audit,
    /// IIS.
    W3c,
    /// `HTTPERR`: what http.sys answered itself, or truncated, before or instead of IIS.
    HttpErr,
    /// Another log of Exchange: only its times are read.
    Other,
}

impl Kind {
    /// How many kinds there are.
    pub(super) const COUNT: usize = 11;

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::HttpProxy => "HttpProxy",
            Self::EcpServer => "ECP Server",
            Self::EcpActivity => "ECP Activity",
            Self::OabGenerator => "OABGeneratorLog",
            Self::Ews => "EWS",
            Self::Cmdlet => "CmdletInfra Cmdlet",
            Self::PowerShellHttp => "CmdletInfra Http",
            Self::Audit => "CosmosQueue audit",
            Self::W3c => "IIS",
            Self::HttpErr => "HTTPERR",
            Self::Other => "other Exchange log",
        }
    }

    /// Whether it is a W3C log, in which a line is a record: those of Exchange have records of several lines.
    pub(super) fn is_w3c(self) -> bool {
        matches!(self, Self::W3c | Self::HttpErr)
    }

    /// The kind that a `#Log-type:` line names (the texts of the installed log writers).
    fn of_type(text: &str) -> Self {
        let has = |word: &str| super::text::find_folded(text, word).is_some();
        match () {
            () if begins(text, "HttpProxy") => Self::HttpProxy,
            () if begins(text, "ECP Server") => Self::EcpServer,
            () if begins(text, "ECP Activity") => Self::EcpActivity,
            () if begins(text, "OAB Generator") => Self::OabGenerator,
            () if begins(text, "EWS") => Self::Ews,
            () if has("cmdlet") => Self::Cmdlet,
            () if begins(text, "Rps") && has("http") => Self::PowerShellHttp,
            () if text.trim().eq_ignore_ascii_case("audit") => Self::Audit,
            () => Self::Other,
        }
    }
}

/// What a column holds, whatever a log calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// Date and time in one.
    Time,
    /// W3C: the date.
    Date,
    /// W3C: the time of day.
    Clock,
    /// The id that joins HttpProxy with IIS.
    RequestId,
    /// The path of the address.
    Stem,
    /// The query of the address.
    Query,
    /// How the client proved who it is.
    Authentication,
    /// The account.
    User,
    /// The mailbox or server that the front end chose the back end by.
    Anchor,
    /// The client's program.
    Agent,
    /// The page that the client says it comes from.
    Referer,
    /// The client's address.
    Client,
    /// The answer's status.
    Status,
    /// The back end's status.
    BackEndStatus,
    /// GET, POST.
    Method,
    /// The cookie that names a back end.
    BackEndCookie,
    /// ECP: what was run.
    EventData,
    /// OAB generator: the message.
    Message,
    /// The cmdlet.
    Cmdlet,
    /// Its parameters.
    Parameters,
    /// How it ended.
    Outcome,
    /// Audit: the cmdlet, as a column of the record.
    Operation,
    /// Audit: the record as JSON.
    Data,
    /// HTTPERR: why the request ended.
    Reason,
    /// The server's address.
    ServerAddress,
    /// The server's port.
    Port,
    /// The server's name.
    Server,
}

impl Field {
    /// What it holds, in words, for the columns without which a log says little.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Method => "the method",
            Self::Stem => "the path",
            Self::Status => "the status",
            Self::Client => "the client",
            Self::Anchor => "the anchor mailbox",
            _ => "a field",
        }
    }
}

/// Names of columns, in lower case, and what they hold.
const COLUMNS: &[(&str, Field)] = &[
    ("datetime", Field::Time),
    ("timestamp", Field::Time),
    ("date-time", Field::Time),
    ("date", Field::Date),
    ("time", Field::Clock),
    ("requestid", Field::RequestId),
    ("urlstem", Field::Stem),
    ("cs-uri-stem", Field::Stem),
    ("cs-uri", Field::Stem),
    ("urlquery", Field::Query),
    ("cs-uri-query", Field::Query),
    ("authenticationtype", Field::Authentication),
    ("authenticateduser", Field::User),
    ("cs-username", Field::User),
    ("userkey", Field::User),
    ("anchormailbox", Field::Anchor),
    ("useragent", Field::Agent),
    ("cs(user-agent)", Field::Agent),
    ("cs(referer)", Field::Referer),
    ("clientipaddress", Field::Client),
    ("c-ip", Field::Client),
    ("httpstatus", Field::Status),
    ("sc-status", Field::Status),
    ("backendstatus", Field::BackEndStatus),
    ("method", Field::Method),
    ("cs-method", Field::Method),
    ("backendcookie", Field::BackEndCookie),
    ("eventdata", Field::EventData),
    ("message", Field::Message),
    ("cmdlet", Field::Cmdlet),
    ("parameters", Field::Parameters),
    ("executionresult", Field::Outcome),
    ("resultstatus", Field::Outcome),
    ("operation", Field::Operation),
    ("data", Field::Data),
    ("s-reason", Field::Reason),
    ("s-ip", Field::ServerAddress),
    ("s-port", Field::Port),
    ("serverhostname", Field::Server),
    ("servername", Field::Server),
    ("server", Field::Server),
];
const FIELDS: usize = 27;

/// Columns that a line may have; more are not looked at.
const MOST_COLUMNS: usize = 1024;

/// What the front-end proxy of Exchange 2016 and 2019 writes, for a file whose head is lost. Where the query stands differs from
/// build to build ([`Layout::query`]).
const HTTP_PROXY: &str = "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,Protocol,\
    UrlHost,UrlStem,ProtocolAction,AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,AnchorMailbox,UserAgent,\
    ClientIpAddress,ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,ProxyAction,TargetServer,TargetServerVersion,\
    RoutingType,RoutingHint,BackEndCookie";
/// The same of Exchange 2013 as it came out, without the host.
const HTTP_PROXY_2013: &str = "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,\
    Protocol,UrlStem,ProtocolAction,AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,AnchorMailbox,UserAgent,\
    ClientIpAddress,ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,ProxyAction,TargetServer,TargetServerVersion,\
    RoutingType,RoutingHint,BackEndCookie";
/// What the spool of Exchange's audit log holds.
const AUDIT: &str =
    "Timestamp,Server,TenantId,RecordType,Data,UserKey,RecordId,Operation,Workload,ResultStatus,Version,Scope";
/// What http.sys writes; newer ones have one or two columns more before the status, and one at the end.
const HTTP_ERR: &[&str] = &[
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename",
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename",
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid streamid_ex sc-status s-siteid s-reason \
     s-queuename transport",
];
/// What IIS writes on an Exchange server by default.
const W3C: &str = "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) \
    sc-status sc-substatus sc-win32-status time-taken";

/// Where the columns of a log are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// What it is.
    pub kind: Kind,
    columns: [Option<u16>; FIELDS],
    count: usize,
    separator: u8,
    /// Whether every line begins with its time.
    pub time_first: bool,
    /// Whether no header said so: its head is lost, and the usual columns are taken.
    pub assumed: bool,
}

/// How many columns [`W3C`] has.
const W3C_COLUMNS: usize = 15;

/// Whether a text is the id of a request: 32 digits, with hyphens or without.
fn is_id(text: &str) -> bool {
    matches!(text.len(), 32 | 36) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Whether a text is the name of a protocol.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() < 32 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

impl Layout {
    fn new(names: &str, separator: u8, named: Option<Kind>) -> Self {
        let mut columns = [None; FIELDS];
        let mut count = 0;
        for (at, name) in
            names.split(char::from(separator)).filter(|name| separator == b',' || !name.is_empty()).enumerate()
        {
            let name = name.trim().trim_matches('"').to_ascii_lowercase();
            let field = COLUMNS.iter().find(|(known, _)| *known == name);
            if let (Some((_, field)), Ok(place)) = (field, u16::try_from(at))
                && let Some(slot) = columns.get_mut(*field as usize)
                && slot.is_none()
            {
                *slot = Some(place);
            }
            count = (at + 1).min(MOST_COLUMNS);
        }
        let is = |field: Field, at: u16| columns.get(field as usize) == Some(&Some(at));
        let time_first = is(Field::Time, 0) || is(Field::Date, 0) && is(Field::Clock, 1);
        let mut layout = Self { kind: Kind::Other, columns, count, separator, time_first, assumed: false };
        layout.kind = match named {
            _ if separator == b' ' && layout.place(Field::Reason).is_some() => Kind::HttpErr,
            _ if separator == b' ' => Kind::W3c,
            Some(kind) if kind != Kind::Other => kind,
            _ => layout.by_columns(),
        };
        layout
    }

    /// What kind of log has such columns.
    fn by_columns(&self) -> Kind {
        let has = |field: Field| self.place(field).is_some();
        match () {
            () if has(Field::Anchor) && has(Field::Stem) => Kind::HttpProxy,
            () if has(Field::EventData) => Kind::EcpServer,
            () if has(Field::Cmdlet) && has(Field::Parameters) => Kind::Cmdlet,
            () if has(Field::Operation) && has(Field::Data) && has(Field::Outcome) => Kind::Audit,
            () if has(Field::Message) && has(Field::Time) => Kind::OabGenerator,
            () => Kind::Other,
        }
    }

    /// The columns that a log without its head has, by the look of one of its lines.
    fn of_line(line: &[u8]) -> Option<Self> {
        time_at_start(line)?;
        let text = std::str::from_utf8(line).ok()?;
        let mut layout = match line.get(10) {
            Some(b' ') => {
                let columns = text.split(' ').take(W3C_COLUMNS + 2).collect::<Vec<_>>();
                // What http.sys wrote is known by the version of the protocol in the middle of it.
                let of_driver = columns.get(6).is_some_and(|version| *version == "-" || version.starts_with("HTTP/"))
                    && [3, 5].iter().all(|at| columns.get(*at).is_some_and(|port| port.parse::<u16>().is_ok()));
                let driver = HTTP_ERR.iter().find(|names| names.split_ascii_whitespace().count() == columns.len());
                match driver.filter(|_| of_driver) {
                    Some(names) => return Some(Self::new(names, b' ', None)),
                    None if columns.len() == W3C_COLUMNS => Self::new(W3C, b' ', None),
                    None => return None,
                }
            }
            Some(b'T') => {
                let mut columns = text.split(',').skip(1);
                match (columns.next()?, columns.next()?, columns.nth(4)?) {
                    (id, "15", protocol) if is_id(id) && is_word(protocol) => {
                        let has_host = !columns.next().is_some_and(|host| host.starts_with('/'));
                        Self::new(if has_host { HTTP_PROXY } else { HTTP_PROXY_2013 }, b',', None)
                    }
                    _ if text.get(..512).unwrap_or(text).contains(",ExchangeAdmin,\"{") => Self::new(AUDIT, b',', None),
                    _ => return None,
                }
            }
            _ => return None,
        };
        layout.assumed = true;
        Some(layout)
    }

    /// The query of a request. Where no head says its column it is the first behind the known ones that begins as a query does.
    pub(super) fn query<'f>(&self, fields: &'f [Cow<'_, str>]) -> &'f str {
        match self.place(Field::Query) {
            Some(at) => fields.get(at).map_or("", |value| value),
            None if self.assumed && self.kind == Kind::HttpProxy => {
                let behind = self.place(Field::BackEndCookie).unwrap_or(fields.len()) + 1;
                fields.iter().skip(behind).find(|value| value.starts_with('?')).map_or("", |value| value)
            }
            None => "",
        }
    }

    /// The number of the column that holds something.
    pub(super) fn place(&self, field: Field) -> Option<usize> {
        self.columns.get(field as usize).copied().flatten().map(usize::from)
    }

    /// Whether the last column takes what is left of a line, commas and all: it is text that some builds do not quote.
    fn last_takes_rest(&self) -> bool {
        matches!(self.kind, Kind::EcpServer | Kind::OabGenerator)
    }

    /// Splits a line into its columns.
    pub(super) fn split<'l>(&self, line: &'l str) -> Vec<Cow<'l, str>> {
        if self.separator == b' ' {
            let dash = |value: &'l str| Cow::Borrowed(if value == "-" { "" } else { value });
            return line.split(' ').take(self.count).map(dash).collect();
        }
        let mut fields = Vec::with_capacity(self.count);
        let mut rest = Some(line);
        while let Some(text) = rest {
            if fields.len() + 1 >= self.count && (self.last_takes_rest() || fields.len() >= MOST_COLUMNS) {
                fields.push(whole(text));
                break;
            }
            let (field, more) = first(text);
            fields.push(field);
            rest = more;
        }
        fields
    }
}

/// The last field of a line, which takes all of it.
fn whole(text: &str) -> Cow<'_, str> {
    match first(text) {
        (field, None) => field,
        _ => Cow::Borrowed(text),
    }
}

/// The first field of a comma-separated text and what comes behind its comma. A quote that is not closed takes the rest.
fn first(text: &str) -> (Cow<'_, str>, Option<&str>) {
    let Some(quoted) = text.strip_prefix('"') else {
        return match text.split_once(',') {
            Some((field, rest)) => (Cow::Borrowed(field), Some(rest)),
            None => (Cow::Borrowed(text), None),
        };
    };
    let mut from = 0;
    let mut doubled = false;
    let end = loop {
        match quoted.get(from..).and_then(|rest| rest.find('"')) {
            None => break None,
            Some(at) if quoted.as_bytes().get(from + at + 1) == Some(&b'"') => {
                doubled = true;
                from += at + 2;
            }
            Some(at) => break Some(from + at),
        }
    };
    let value = &quoted[..end.unwrap_or(quoted.len())];
    let value = if doubled { Cow::Owned(value.replace("\"\"", "\"")) } else { Cow::Borrowed(value) };
    // What stands between a closing quote and the comma is damage, and left out.
    let rest = end.and_then(|end| quoted.get(end + 1..)).and_then(|rest| rest.find(',').map(|at| &rest[at + 1..]));
    (value, rest)
}

/// What the head of a log, and the blocks in its middle, have said so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    /// The columns, once they are known.
    pub layout: Option<Layout>,
    /// The build that wrote it, as written.
    pub version: Option<String>,
    named: Option<Kind>,
    /// The date of the last `#Date:`, for W3C logs that leave it out of their lines.
    date: Option<[u8; 10]>,
}

impl Header {
    /// Reads a line that may belong to a head: one that begins with `#`, or names columns, or, if nothing is known yet, one
    /// whose look gives its columns. Returns whether it was one.
    pub(super) fn read(&mut self, line: &[u8]) -> bool {
        if line.first() != Some(&b'#') {
            return self.columns_row(line);
        }
        let text = String::from_utf8_lossy(line.get(..line.len().min(64 << 10)).unwrap_or(line));
        let Some((name, value)) = text[1..].split_once(':') else { return true };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "log-type" => {
                self.named = Some(Kind::of_type(value));
                // A head that names its type before its columns.
                if let (Some(layout), Some(kind)) = (&mut self.layout, self.named)
                    && layout.separator == b','
                    && kind != Kind::Other
                {
                    layout.kind = kind;
                }
            }
            "version" => self.version = Some(value.to_owned()),
            "date" => self.date = value.as_bytes().first_chunk().copied(),
            "fields" => {
                let separator = if value.contains(',') { b',' } else { b' ' };
                self.layout = Some(Layout::new(value, separator, self.named));
            }
            _ => {}
        }
        true
    }

    fn columns_row(&mut self, line: &[u8]) -> bool {
        let names_columns = line.get(..16).is_some_and(|head| {
            let head = head.to_ascii_lowercase();
            [&b"datetime,"[..], b"timestamp,", b"date-time,", b"\"datetime", b"\"timestamp"]
                .iter()
                .any(|name| head.starts_with(name))
        });
        if names_columns {
            let text = String::from_utf8_lossy(line);
            self.layout = Some(Layout::new(&text, b',', self.named));
        } else if self.layout.is_none() {
            self.layout = Layout::of_line(line);
            return false;
        }
        names_columns
    }

    /// When a line was written.
    pub(super) fn time(&self, line: &[u8]) -> Option<Timestamp> {
        let layout = self.layout.as_ref()?;
        if layout.time_first {
            return time_at_start(line);
        }
        let text = String::from_utf8_lossy(line);
        let fields = layout.split(&text);
        let field =
            |field| layout.place(field).and_then(|at| fields.get(at)).map(|value: &Cow<'_, str>| value.as_bytes());
        if let Some(time) = field(Field::Time) {
            return time_at_start(time);
        }
        time_of(field(Field::Date).or(self.date.as_ref().map(|date| &date[..]))?, field(Field::Clock)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(lines: &[&str]) -> Header {
        let mut header = Header::default();
        lines.iter().for_each(|line| {
            header.read(line.as_bytes());
        });
        header
    }

    fn kind(lines: &[&str]) -> Option<Kind> {
        header(lines).layout.map(|layout| layout.kind)
    }

    #[test]
    fn both_header_modes_and_lost_heads_are_known() {
        assert_eq!(kind(&["DateTime,RequestId,UrlStem,AnchorMailbox"]), Some(Kind::HttpProxy));
        assert_eq!(
            kind(&["#Log-type: ECP Server Log", "#Fields: TimeStamp,ServerName,EventId,EventData"]),
            Some(Kind::EcpServer)
        );
        assert_eq!(kind(&["Timestamp,RecordType,TraceId,OabGuid,AddressListGuid,Message"]), Some(Kind::OabGenerator));
        assert_eq!(kind(&["#Log-type: Something new", "#Fields: a,b"]), Some(Kind::Other));
        assert_eq!(
            kind(&["#Software: Microsoft Internet Information Services 10.0", "#Fields: date time c-ip"]),
            Some(Kind::W3c)
        );
        assert_eq!(kind(&["2021-03-03 06:59:20 10.0.0.5 GET /x - 443 - 1.2.3.4 UA - 200 0 0 1"]), Some(Kind::W3c));
        let proxied = "2021-03-03T06:59:20.359Z,00000000-0000-4000-8000-000000000001,15,1,2044,4,,Ecp";
        assert_eq!(kind(&[proxied]), Some(Kind::HttpProxy));
        assert_eq!(kind(&["hello", "2021-03-03 06:59:20 short"]), None);
        assert_eq!(kind(&["2021-03-03T06:59:20.359Z,a,15,1,2044,4,,Ecp", "2021-03-03T06:59:20.359Z,a,b"]), None);
        let of_2013 =
            "2016-08-16T19:46:59.920Z,d40cbe9ba27642d280cba142bcc98f4b,15,0,516,25,,Eas,/Microsoft-Server-ActiveSync/x";
        let layout = header(&[of_2013]).layout.expect("known");
        assert_eq!((layout.kind, layout.place(Field::Stem)), (Kind::HttpProxy, Some(8)));
        let audit = r#"2023-01-11T15:56:33.189Z,EX1,00000000-0000-0000-0000-000000000000,ExchangeAdmin,"{""Operation"":""x""}",x,1,x,Exchange,True,1,Online"#;
        assert_eq!(kind(&[audit]), Some(Kind::Audit));
        assert_eq!(kind(&["#Fields: Timestamp,Server,Data,Operation,ResultStatus"]), Some(Kind::Audit));
    }

    #[test]
    fn what_the_driver_of_the_web_server_wrote_is_a_kind_of_its_own() {
        for names in HTTP_ERR {
            assert_eq!(kind(&[&format!("#Fields: {names}")]), Some(Kind::HttpErr), "{names}");
        }
        for (line, at) in [
            ("2018-01-01 08:09:10 172.31.77.6 2094 172.31.77.6 80 HTTP/1.1 GET /qos/1kbfile.txt 503 - ConnLimit -", 9),
            ("2012-02-06 13:31:17 2001:db8::30%0 54697 2001:db8::20%0 80 - - - - - Timer_ConnectionIdle -", 9),
            ("2022-02-06 13:31:17 10.0.0.1 54697 10.0.0.2 443 HTTP/2.0 GET / 7 400 - BadRequest -", 10),
            ("2025-02-06 13:31:17 10.0.0.1 54697 10.0.0.2 443 HTTP/2.0 GET / 7 - 400 - BadRequest - TCP", 11),
        ] {
            let layout = header(&[line]).layout.expect(line);
            assert_eq!(
                (layout.kind, layout.assumed, layout.place(Field::Status)),
                (Kind::HttpErr, false, Some(at)),
                "{line}"
            );
        }
        assert_eq!(kind(&["2018-01-01 08:09:10 172.31.77.6 x 172.31.77.6 80 HTTP/1.1 GET /a 503 - ConnLimit -"]), None);
    }

    #[test]
    fn columns_are_found_by_name_without_case_and_may_change() {
        let mut header = header(&["#Fields: date time cs-uri-stem sc-status"]);
        let status = |header: &Header, line: &str| {
            let layout = header.layout.clone().expect("known");
            layout.split(line)[layout.place(Field::Status).expect("there")].to_string()
        };
        assert_eq!(status(&header, "2021-03-03 06:59:20 /x 200"), "200");
        header.read(b"#Fields: date time sc-status CS-URI-STEM");
        assert_eq!(status(&header, "2021-03-03 06:59:20 404 /x"), "404");
    }

    #[test]
    fn quotes_and_rests_are_understood() {
        let split = |text: &str| {
            let mut fields = Vec::new();
            let mut rest = Some(text);
            while let Some(text) = rest {
                let (field, more) = first(text);
                fields.push(field.into_owned());
                rest = more;
            }
            fields
        };
        assert_eq!(split(r#"a,"b,""c""",,"d"x,"#), ["a", r#"b,"c""#, "", "d", ""]);
        assert_eq!(split(r#"a,"open, to the end"#), ["a", "open, to the end"]);
        let layout = header(&["TimeStamp,ServerName,EventId,EventData"]).layout.expect("known");
        assert_eq!(layout.split("t,s,e,one, two")[3], "one, two");
        assert_eq!(layout.split(r#"t,s,e,"one, ""two""""#)[3], r#"one, "two""#);
    }

    #[test]
    fn a_date_in_the_head_serves_lines_that_have_none() {
        let header = header(&["#Date: 2021-03-03 00:00:00", "#Fields: time c-ip"]);
        assert_eq!(header.time(b"06:59:20 1.2.3.4").map(|time| time.seconds()), Some(1_614_754_760));
    }
}
