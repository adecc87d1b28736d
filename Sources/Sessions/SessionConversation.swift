package import Connections
package import Dialects
package import Events
import Following
import WebSocket

/// The conversation of a session, which follows channels.
package protocol SessionConversation: ChannelConversation {
    /// Whose messages are read and answered.
    var session: Session { get }
}

extension SessionConversation {
    package var user: String? { session.user }
    package var hearsAfter: CountedAnnouncements? { session.hearsAfter }
    package var waitingInquiries: Int {
        get { session.waitingInquiries }
        set { session.waitingInquiries = newValue }
    }

    package func mayWatch(_ channel: ChannelName, owner: String?) -> Bool { session.mayWatch(channel, owner: owner) }
    package func say(_ message: ServerMessage) { session.say(message) }
    package func refuseToShow(_ channel: ChannelName, request: RequestID?) {
        session.refuseToShow(channel, request: request)
    }
    package func expectAcknowledgement(of delivery: Delivery) { session.expectAcknowledgement(of: delivery) }
    package func flushBatch() { session.sendBatch() }
    package func tellCount() { session.tellCount() }

    package func name(_ client: inout ClientLog.Client) {
        client.isWebSocket = true
        client.user = session.user ?? ""
        client.name = session.clientID
    }

    package func didOverflow() { session.close(.tryAgainLater, reason: "reads too slowly") }
    package func drain() { session.close(.serviceRestart, reason: "restart") }
    package func closeForAdministrator() { session.close(.policyViolation, reason: "closed by an administrator") }
}
