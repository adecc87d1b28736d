package import Access
package import Events

/// What a request for a stream of events asks for.
package struct EventStreamRoute {
    /// Who asks.
    package let caller: Caller
    /// Whose events.
    package let channel: ChannelName
    /// From where on; nil for what comes from now on.
    package let since: Position?
}
