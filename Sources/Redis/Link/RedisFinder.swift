package import RESP

/// Knows where the Redis is that links are to connect to, where that changes. Loop-confined.
package protocol RedisFinder: AnyObject {
    /// `link` wants to hear whenever Redis is somewhere else, until it is removed. What finds begins with the first link.
    func add(_ link: RedisLink)
    /// Ends that. What finds ends with the last link.
    func remove(_ link: RedisLink)
    /// `link` is about to connect: it is told where to, or fails, within this call or later.
    func find(for link: RedisLink)
    /// A link to this address is lost, or could not be made.
    func doubt(_ address: RedisEndpoint.Address, _ failure: RedisFailure)
}
