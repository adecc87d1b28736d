import Synchronization

/// Lets the main thread, which has no actor, wait for asynchronous work: the command's `main` is not async.
public enum Blocking {
    /// Runs `body` and waits for its result.
    public static func wait<Value: Sendable>(for body: @escaping @Sendable () async -> Value) -> Value {
        let done = ManagedSemaphore()
        let result = Box<Value>()
        Task {
            let value = await body()
            result.value.withLock { $0 = value }
            done.signal()
        }
        done.wait()
        return result.value.withLock { $0! }
    }

    private final class Box<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }
}
