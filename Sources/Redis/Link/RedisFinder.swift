package import RESP

/// Finds the address of Redis for links, where the address changes. Loop-confined.
package protocol RedisFinder: AnyObject {
    /// Tells `link` each new address of Redis until ``remove(_:)``. The search starts with the first link.
    func add(_ link: RedisLink)
    /// Removes `link`. The search ends with the last link.
    func remove(_ link: RedisLink)
    /// Before `link` connects: the finder gives `link` an address or an error, within this call or later.
    func find(for link: RedisLink)
    /// A link to this address is lost, or could not be made.
    func doubt(_ address: RedisEndpoint.Address, _ failure: RedisFailure)
}
