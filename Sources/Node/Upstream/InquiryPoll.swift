import Events
import Dialects
import EventLoop
import RESP
import Redis
import Tasks

/// Asks the third parties of unfinished tasks, whoever watches: each second this node takes some that are due,
/// and puts them off a little, so that another node takes them over if this one dies.
final class InquiryPoll {
    private unowned let core: LoopCore
    private let inquiries: Inquiries
    private var timer: Timer?

    init(core: LoopCore, inquiries: Inquiries) {
        self.core = core
        self.inquiries = inquiries
    }

    /// Begins, and goes on until ``stop()``.
    func start() {
        timer = core.loop.schedule(after: core.limits.pollTickMilliseconds) { [weak self] in
            guard let self else { return }
            tick()
            start()
        }
    }

    func stop() { timer?.cancel() }

    private func tick() {
        // Half of the room is for viewers, however slow the third parties are.
        let room = core.limits.inquiriesPerLoop / 2 - inquiries.count
        let count = min(core.limits.pollBatch, room)
        guard count > 0 else { return }
        let naming = core.shared.configuration.naming
        core.redis.run(
            RedisScripts.takeInquiries, keys: InquiryScripts.takeKeys(naming: naming),
            arguments: InquiryScripts.takeArguments(
                most: count, takeoverMilliseconds: core.limits.takeoverMilliseconds,
                pollMilliseconds: core.limits.pollMilliseconds, naming: naming)
        ) { [weak self] result in
            guard case .success(.array(let channels)) = result else { return }
            for channel in channels { self?.ask(channel.string ?? "") }
        }
    }

    private func ask(_ channel: String) {
        let naming = core.shared.configuration.naming
        guard let name = naming.name(ofChannel: channel[...]).flatMap({ ChannelName(String($0)) }) else { return }
        inquiries.ask(about: name, isEager: false) { _ in }
    }
}
