import EventLoop
import Settings

extension LoopConnections {
    /// Milliseconds between two looks at the connections that are left.
    private static let lookMilliseconds: UInt64 = 20

    /// Closes every connection, spread over `milliseconds`; returns when none is left, or their time to close is over.
    package func drained(over milliseconds: UInt64, isolation: isolated (any Actor)? = #isolation) async {
        drain(over: milliseconds)
        let deadline = loop.now + milliseconds + limits.closeMilliseconds * 2
        while count > 0, loop.now < deadline {
            await withCheckedContinuation { continuation in
                loop.schedule(after: Self.lookMilliseconds) { continuation.resume() }
            }
        }
    }
}
