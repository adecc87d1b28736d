internal import Glibc

/// A value that several threads change, one at a time.
///
/// A pthread mutex (pthread_mutex_lock(3)) rather than Synchronization's `Mutex`: that waits within the standard
/// library, where ThreadSanitizer (Swift 6.3.1) does not see it, and reports a race in the protected value.
public final class Locked<Value>: @unchecked Sendable {
    // Sendable: `value` is used only with the mutex held, and values that go in and out are Sendable.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    /// A value that no other code can reach from now on.
    public init(_ value: sending Value) {
        self.value = value
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Calls `body` with the value, while other threads wait. Must not be nested: that would wait for ever.
    public func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}
