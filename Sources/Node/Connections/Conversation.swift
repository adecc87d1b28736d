/// What a connection is used for at the moment: first requests, after an upgrade frames.
protocol Conversation: AnyObject {
    /// Bytes have come. They are valid during the call.
    func receive(_ bytes: UnsafeRawBufferPointer)
    /// The socket is closed; nothing follows.
    func didEnd()
    /// More waits for this client than may.
    func didOverflow()
    /// The client will send nothing more.
    func peerDidFinish()
    /// The node is stopping: end politely.
    func drain()
}
