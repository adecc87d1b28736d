import RESP

/// The connection a ``RedisLink`` works for.
protocol RedisLinkUser: AnyObject {
    /// The handshake is done. Commands may be sent from here on.
    func linkIsReady(_ outcome: RedisHandshake.Outcome)
    /// Bytes after the handshake, at most ``ReplyLimits/maxFeedBytes``. What is thrown ends the connection.
    func linkDidRead(_ bytes: UnsafeRawBufferPointer) throws(RedisFailure)
    /// The turn ends: the last chance to add commands to its one write. Only while ready.
    func linkWillFlush()
    /// Time to look at deadlines. Only while ready.
    func linkDidTick()
    /// The connection, or the attempt, is over.
    func linkDidFail(_ failure: RedisFailure, wasReady: Bool)
    /// For the owner's ears.
    func linkReports(_ event: RedisEvent)
}
