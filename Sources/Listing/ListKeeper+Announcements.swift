package import Asking
package import Following
import Store

/// Hears what is announced of tasks.
extension ListKeeper {
    /// Hears it on the channel that `channels` subscribes to, and tells `poll` which tasks were restarted.
    package func listen(on channels: LoopChannels, poll: InquiryPoll?) {
        channels.subscribe(
            announcements: naming.announcementsChannel, didSubscribe: { [weak self] in self?.mayHaveMissed() }
        ) { [weak self, weak poll] payload in
            guard let self else { return }
            switch TaskAnnouncement(payload, naming: naming) {
            case .changed(let task): hear(ofChange: task)
            case .restarted(let channel): poll?.hear(ofRestart: channel)
            case nil: break
            }
        }
    }
}
