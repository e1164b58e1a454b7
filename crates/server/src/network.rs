//! The addresses of this machine in the networks that it is in.

use std::net::{IpAddr, UdpSocket};

/// Returns the addresses by which other devices may reach this machine; the one that it uses to reach others comes
/// first.
pub fn addresses() -> Vec<IpAddr> {
    let all = if_addrs::get_if_addrs().unwrap_or_default();
    let mut addresses: Vec<IpAddr> = all.iter().map(if_addrs::Interface::ip).filter(is_reachable).collect();
    let usual = usual_address();
    addresses.sort_by_key(|address| (Some(*address) != usual, address.is_ipv6()));
    addresses.dedup();
    addresses
}

/// Returns whether others can use an address as it is: one that is only valid on a link needs more than that.
fn is_reachable(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !address.is_loopback() && !address.is_link_local(),
        IpAddr::V6(address) => !address.is_loopback() && !address.is_unicast_link_local(),
    }
}

/// Returns the address from which this machine would send something to another network. Nothing is sent: the address
/// of the other one is reserved for documentation (RFC 5737).
fn usual_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(is_reachable)
}
