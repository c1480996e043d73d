//! Who made a request, as logs write it: an address, a security identifier, or the name of an account.

use std::net::IpAddr;

/// An address as logs write it: plain, in brackets, with a zone or a port.
pub fn address(text: &str) -> Option<IpAddr> {
    let plain = |text: &str| text.split('%').next().unwrap_or(text).parse::<IpAddr>().ok();
    plain(text).or_else(|| match text.strip_prefix('[') {
        Some(rest) => plain(rest.split(']').next().unwrap_or(rest)),
        None => plain(text.rsplit_once(':')?.0).filter(IpAddr::is_ipv4),
    })
}

/// `S-1-` and numbers (MS-DTYP 2.4.2.1).
pub fn is_sid(text: &str) -> bool {
    let numbers = text.strip_prefix("S-1-").or_else(|| text.strip_prefix("s-1-"));
    numbers.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c == '-'))
}

/// Whether an address belongs to a network of the organisation's own: private (RFC 1918, RFC 4193), link-local or of this machine.
pub fn is_internal(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(four) => four.is_private() || four.is_link_local() || four.is_loopback() || four.is_unspecified(),
        IpAddr::V6(six) => {
            six.is_unique_local() || six.is_unicast_link_local() || six.is_loopback() || six.is_unspecified()
        }
    }
}

/// Whether an address is that of the machine which wrote the log.
pub fn is_own(address: IpAddr) -> bool {
    let address = address.to_canonical();
    address.is_loopback() || address.is_unspecified()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_logs_write_them_and_accounts_are_none() {
        for text in ["203.0.113.9", "203.0.113.9:443", "2001:db8::9", "[2001:db8::9]:443", "fe80::1%12"] {
            assert!(address(text).is_some(), "{text}");
        }
        for text in ["", "EXAMPLE\\alice", "alice@example.org", "example.local/Users/Administrator", "S-1-5-18", "a:1"]
        {
            assert_eq!(address(text), None, "{text}");
        }
        assert!(is_sid("S-1-5-21-1-2-3-500") && !is_sid("S-1-") && !is_sid("S-1-x"));
    }

    #[test]
    fn addresses_of_own_networks_are_known() {
        for (text, internal, own) in [
            ("10.1.2.3", true, false),
            ("192.168.0.1", true, false),
            ("::ffff:172.16.0.1", true, false),
            ("fd00::1", true, false),
            ("fe80::1", true, false),
            ("127.0.0.1", true, true),
            ("::1", true, true),
            ("203.0.113.9", false, false),
            ("2001:db8::9", false, false),
            ("172.32.0.1", false, false),
        ] {
            let address = address(text).expect("an address");
            assert_eq!((is_internal(address), is_own(address)), (internal, own), "{text}");
        }
    }
}
