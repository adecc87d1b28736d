package import Events
package import Hub

/// What a viewer follows.
extension Subscriptions {
    /// The channels of a kind that the viewer follows.
    package func channels(of viewer: any Viewer, _ kind: ChannelName.Kind) -> [ChannelName] {
        viewer.subscriber.channels.map(\.name).filter { $0.kind == kind }
    }

    /// What the viewer takes of the channel now.
    func interest(of viewer: any Viewer, in name: ChannelName) -> Interest {
        guard let channel = channel(name) else { return [] }
        return hub.interest(of: viewer.subscriber, in: channel)
    }

    /// Whether the viewer takes this of the channel, or waits for it.
    package func follows(_ viewer: any Viewer, _ name: ChannelName, taking interest: Interest) -> Bool {
        guard let channel = channel(name) else { return false }
        return hub.interest(of: viewer.subscriber, in: channel).contains(interest)
            || waiting.waits(of: ObjectIdentifier(viewer.subscriber)).contains {
                $0.what == channel && $0.wish.interest == interest
            }
    }

    /// The number of channels the viewer subscribed to, without its user's, its teams' and those it only asked about.
    package func count(of viewer: any Viewer) -> Int {
        viewer.subscriber.channels { $0.contains(.events) }.count { !$0.name.isPersonal }
            + waiting.waits(of: ObjectIdentifier(viewer.subscriber)).count {
                $0.wish.interest != .updates && !$0.what.name.isPersonal
            }
    }

    /// Makes room for one more task whose changes the viewer is told: where it only asked about `most` others, the one
    /// it has been told of for the longest goes. False where the viewer still waits for the answers of all of them.
    func makeRoomForUpdates(of name: ChannelName, to viewer: any Viewer, most: Int) -> Bool {
        guard !follows(viewer, name, taking: .updates) else { return true }
        let asked = viewer.subscriber.channels { $0 == .updates }
        let waitingUpdates = waiting.waits(of: ObjectIdentifier(viewer.subscriber)).count {
            $0.wish.interest == .updates
        }
        guard asked.count + waitingUpdates >= most else { return true }
        guard let longest = asked.first else { return false }
        leave(viewer, longest.name, noLonger: .updates)
        return true
    }
}
