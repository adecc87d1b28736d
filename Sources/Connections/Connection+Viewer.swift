import Following
package import Dialects
package import Events
import Hub

/// Passes what channels tell a viewer to the connection's conversation.
extension Connection: Viewer {
    /// The conversation, where it follows channels.
    package var following: (any ChannelConversation)? { conversation?.following }

    package var isListening: Bool { following != nil }

    package var waitingInquiries: Int {
        get { following?.waitingInquiries ?? 0 }
        set { following?.waitingInquiries = newValue }
    }

    package func mayWatch(_ channel: ChannelName, owner: String?) -> Bool {
        following?.mayWatch(channel, owner: owner) ?? false
    }

    package func say(_ message: ServerMessage) { following?.say(message) }

    package func refuseToShow(_ channel: ChannelName, request: RequestID?) {
        following?.refuseToShow(channel, request: request)
    }

    package func expectAcknowledgement(of delivery: Delivery) { following?.expectAcknowledgement(of: delivery) }
}
