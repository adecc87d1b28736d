import EventLoop
import Events
import RESP
import Redis
import Tasks

/// Asks the third parties of unfinished tasks, whoever watches: each second this node takes some that are due,
/// and puts them off a little, so that another node takes them over if this one dies.
final class InquiryPoll {
    private let loop: EventLoop
    private let redis: any CommandBus
    private let naming: Naming
    private let inquiries: Inquiries
    private var timer: Timer?

    init(loop: EventLoop, redis: any CommandBus, naming: Naming, inquiries: Inquiries) {
        self.loop = loop
        self.redis = redis
        self.naming = naming
        self.inquiries = inquiries
    }

    /// Begins, and goes on until ``stop()``.
    func start() {
        timer = loop.every(milliseconds: inquiries.limits.pollTickMilliseconds) { [weak self] in self?.tick() }
    }

    func stop() { timer?.cancel() }

    private func tick() {
        let limits = inquiries.limits
        // Half of the room is for viewers, however slow the third parties are.
        let room = limits.perLoop / 2 - inquiries.count
        let count = min(limits.pollBatch, room)
        guard count > 0 else { return }
        redis.run(
            RedisScripts.takeInquiries, keys: InquiryScripts.takeKeys(naming: naming),
            arguments: InquiryScripts.takeArguments(
                most: count, takeoverMilliseconds: limits.takeoverMilliseconds,
                pollMilliseconds: limits.pollMilliseconds, naming: naming)
        ) { [weak self] result in
            guard case .success(.array(let channels)) = result else { return }
            for channel in channels { self?.ask(channel.string ?? "") }
        }
    }

    private func ask(_ channel: String) {
        guard let name = naming.name(ofChannel: channel[...]).flatMap({ ChannelName(String($0)) }) else { return }
        inquiries.ask(about: name, isEager: false) { _ in }
    }
}
