"""RQ: every job of this worker class is a task of Fantail, under RQ's own id.

    rq worker --worker-class rq_hooks.FantailWorker films

    def render(film):
        for number, frame in enumerate(film.frames):
            draw(frame)
            rq_hooks.at(number * 100 // len(film.frames), f"frame {number}")
        return {"videoUrl": film.url}

    fantail watch "$(python -c 'import rq, redis; print(rq.Queue("films", redis.Redis()).enqueue("films.render", 7).id)')"
"""

import rq

from fantail_progress import Progress


def at(percent, message=None):
    """How far the job that is running is."""
    job = rq.get_current_job()
    if job is not None:
        if not hasattr(job, "fantail"):
            job.fantail = Progress(job.id)
        job.fantail.at(percent, message)


class FantailWorker(rq.Worker):
    """A worker that tells how its jobs stand; also of those that are killed, which its parent process sees.

    What RQ hands on beside a job and its queue differs between RQ 2 and 3, and is passed through as it is.
    """

    def perform_job(self, job, queue, *rest, **named):
        Progress(job.id).start(message=job.func_name)
        return super().perform_job(job, queue, *rest, **named)

    def handle_job_success(self, job, queue, *rest, **named):
        super().handle_job_success(job, queue, *rest, **named)
        Progress(job.id).tell(type="completed", result=job.return_value())

    def handle_job_failure(self, job, queue, started_job_registry=None, exc_string="", **named):
        super().handle_job_failure(job, queue, started_job_registry, exc_string, **named)
        lines = str(exc_string).strip().splitlines() or ["failed"]
        Progress(job.id).failed(lines[-1], code="JOB_FAILED", retryable=job.get_status() in ("scheduled", "queued"))
