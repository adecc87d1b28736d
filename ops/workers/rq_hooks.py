"""RQ: every job of this worker class becomes a Fantail task with the same id.

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
    """Publishes the progress of the current job."""
    job = rq.get_current_job()
    if job is not None:
        if not hasattr(job, "fantail"):
            job.fantail = Progress(job.id)
        job.fantail.at(percent, message)


class FantailWorker(rq.Worker):
    """A worker that publishes the start and end of its jobs; its parent process also publishes the end of a killed job.

    RQ 2 and RQ 3 pass different arguments after the job and its queue; the methods pass them on unchanged.
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
