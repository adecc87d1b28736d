import RESP

/// The connection that owns a ``RedisLink``.
protocol RedisLinkUser: AnyObject {
    /// The handshake is done. The user may send commands from now on.
    func linkIsReady(_ outcome: RedisHandshake.Outcome)
    /// Bytes after the handshake, at most ``ReplyLimits/maxFeedBytes``. An error that this throws ends the connection.
    func linkDidRead(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure)
    /// The turn ends: the user adds its last commands to the turn's one write. Only while ready.
    func linkWillFlush()
    /// The user checks its deadlines. Only while ready.
    func linkDidTick()
    /// The connection or the attempt has ended.
    func linkDidFail(_ failure: RedisFailure, wasReady: Bool)
    /// An event for the owner.
    func linkReports(_ event: RedisEvent)
}
