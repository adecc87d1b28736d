/// The example messages of the interface documents: their names and JSON types are the contract.
enum Examples {
    static let jobsFromClient = split(
        #"""
        {"type":"join_job","jobId":"job-123"}
        {"type":"leave_job","jobId":"job-123"}
        {"type":"ping"}
        """#)

    static let jobsFromServer = split(
        #"""
        {"type":"connection_established","clientId":"client-456","timestamp":"2025-12-22T08:46:27.500Z","heartbeatInterval":30000}
        {"type":"job_status","data":{"jobId":"job-123","status":"RUNNING","currentStage":"OUTLINE","completedStages":["PLAN"],"timestamp":"2025-12-22T08:46:30.000Z"}}
        {"type":"stage_completed","data":{"jobId":"job-123","stage":"OUTLINE","nextStage":"STORYBOARD","timestamp":"2025-12-22T08:46:35.000Z"}}
        {"type":"job_error","data":{"jobId":"job-123","error":"Stage execution failed","stage":"STORYBOARD","timestamp":"2025-12-22T08:46:40.000Z"}}
        {"type":"error","message":"Authentication failed","code":"UNAUTHORIZED","timestamp":"2025-12-22T08:46:27.500Z"}
        {"type":"error","message":"Authentication failed","code":"UNAUTHORIZED","timestamp":"2025-12-22T08:46:27.500Z"}
        {"type":"pong","timestamp":"2025-12-22T08:46:27.500Z"}
        """#)

    static let tasksFromClient = split(
        #"""
        {"type":"auth","id":"auth-001","timestamp":1763010000000,"payload":{"token":"JWT"}}
        {"type":"subscribe_task","id":"sub-001","timestamp":1763010000000,"payload":{"videoId":"video_xxx"}}
        {"type":"unsubscribe_task","id":"unsub-001","timestamp":1763010000000,"payload":{"videoId":"video_xxx"}}
        {"type":"requestTaskStatus","payload":{"videoId":"video_xxx"}}
        {"type":"requestMultipleTaskStatus","payload":{"videoIds":["video_xxx","video_yyy"]}}
        {"type":"ping"}
        """#)

    static let tasksFromServer = split(
        #"""
        {"type":"authSuccess","id":"auth-001","timestamp":1763010000000,"payload":{"userId":"532f9370-e11b-4d66-9f5d-4449fbd42878","username":"admin","sessionId":"ws_1763010000_abc123","expiresAt":1763096400000}}
        {"type":"subscribeSuccess","id":"sub-001","timestamp":1763010000000,"payload":{"videoId":"video_xxx","subscribed":true}}
        {"type":"taskProgress","timestamp":1763010000000,"payload":{"videoId":"video_xxx","status":"PROCESSING","progress":45,"currentStep":"rendering","totalSteps":4,"message":"generating the video...","estimatedTimeRemaining":60}}
        {"type":"taskCompleted","timestamp":1763010000000,"payload":{"videoId":"video_xxx","status":"completed","progress":100,"result":{"videoUrl":"http://example/xxx.mp4","thumbnailUrl":"http://example/xxx.jpg","duration":15,"fileSize":5242880,"resolution":"1280x720"},"metrics":{"totalTime":125,"queueTime":5,"processTime":120}}}
        {"type":"taskFailed","timestamp":1763010000000,"payload":{"videoId":"video_xxx","status":"failed","error":{"code":"GENERATION_FAILED","message":"video generation failed","details":"model overloaded, try again later","retryable":true}}}
        {"type":"heartbeat","timestamp":1763010000000,"payload":{"connectedClients":5,"uptime":12345.67}}
        {"type":"taskUpdated","timestamp":1763010000000,"payload":{"videoId":"video_xxx","status":"COMPLETED","progress":100,"videoUrl":"http://example/xxx.mp4","error":null}}
        {"type":"pong","id":"p-1","timestamp":1763010000000,"payload":{}}
        {"type":"unsubscribeSuccess","id":"unsub-001","timestamp":1763010000000,"payload":{"videoId":"video_xxx","subscribed":false}}
        {"type":"authError","id":"auth-001","timestamp":1763010000000,"payload":{"code":"UNAUTHORIZED","message":"Authentication failed"}}
        {"type":"error","id":"sub-001","timestamp":1763010000000,"payload":{"code":"INVALID_MESSAGE","message":"payload.videoId is missing"}}
        """#)

    static let presenceFromClient = split(
        #"""
        {"type":"ping","timestamp":"2025-10-22T10:00:00Z"}
        {"type":"typing","data":{"is_typing":true,"context":"post_123"}}
        {"type":"presence","status":"online","data":{"device":"mobile"}}
        {"type":"message","to_user_id":456,"message":"Hello!","timestamp":"2025-10-22T10:00:00Z"}
        {"type":"typing","data":{"is_typing":false,"context":"post_123"}}
        """#)

    static let presenceFromServer = split(
        #"""
        {"type":"connected","data":{"message":"Welcome, username!","user_id":123,"online_count":42}}
        {"type":"pong","timestamp":"2025-10-22T10:00:00Z"}
        {"type":"user_status","data":{"user_id":456,"status":"online","timestamp":"2025-10-22T10:00:00Z"}}
        {"type":"notification","notification_type":"new_follower","data":{"id":789,"type":"new_follower","title":"New follower","message":"User John followed you","data":{"follower_id":456},"link":"/users/456","created_at":"2025-10-22T10:00:00Z"},"timestamp":"2025-10-22T10:00:00Z"}
        {"type":"chat","data":{"from_user_id":456,"from_username":"John","message":"Hello!","timestamp":"2025-10-22T10:00:00Z"},"timestamp":"2025-10-22T10:00:00Z"}
        {"type":"typing","data":{"user_id":456,"is_typing":true,"context":"post_123"}}
        {"type":"presence","data":{"user_id":456,"status":"away","data":{"device":"desktop"}}}
        {"type":"error","error_code":"INVALID_MESSAGE","message":"Invalid message format","timestamp":"2025-10-22T10:00:00Z"}
        """#)

    static let topicsFromClient = split(
        #"""
        {"type":"subscribe","data":{"topic":"order_updates","params":{"orderId":"ORDER_123"}},"timestamp":1643673600000,"messageId":"c-1"}
        {"type":"ack","data":{"messageId":"msg_126"}}
        {"type":"heartbeat","timestamp":1643673600000}
        {"type":"unsubscribe","data":{"topic":"order_updates","params":{"orderId":"ORDER_123"}},"timestamp":1643673600000,"messageId":"c-2"}
        """#)

    static let topicsFromServer = split(
        #"""
        {"type":"connect","data":{"clientId":"client_123","serverTime":1643673600000},"timestamp":1643673600000,"messageId":"msg_123"}
        {"type":"error","data":{"code":40100,"message":"Token invalid"},"timestamp":1643673600000,"messageId":"msg_124"}
        {"type":"heartbeat","timestamp":1643673600000}
        {"type":"notification","data":{"title":"New order","content":"A new order arrived: ORDER_123","level":"info"},"timestamp":1643673600000,"messageId":"msg_125"}
        {"type":"status","data":{"entityType":"order","entityId":"ORDER_123","status":"completed"},"timestamp":1643673600000,"messageId":"msg_126"}
        {"type":"ack","data":{"messageId":"c-1","topic":"order_updates","subscribed":true},"timestamp":1643673600000,"messageId":"msg_127"}
        {"type":"data","data":{"anything":1},"timestamp":1643673600000,"messageId":"msg_128","sequence":7,"topic":"order_updates"}
        {"type":"disconnect","data":{"code":1012,"reason":"restart"},"timestamp":1643673600000,"messageId":"msg_129"}
        """#)

    private static func split(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
}
