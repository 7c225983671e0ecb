using System.Data.Common;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Gateway.Governance.Access;
using Gateway.Governance.Bootstrap;

namespace Gateway.Governance.Audit;

/// <summary>
/// Writes refused and sensitive accesses to the audit log, a little after they happened. Refusals of callers that nobody knows are written at most
/// <see cref="MostUnknown"/> times a minute, and the rest counted in the next row: otherwise anybody could fill the store.
/// </summary>
internal sealed partial class AccessAudit(AuditLog log, StoreGate gate, IHttpContextAccessor accessor, TimeProvider time, ILogger<AccessAudit> logger) : BackgroundService, IAccessLog
{
    private const int MostUnknown = 60;
    private const int MostWaiting = 10_000;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Channel<AuditEvent> _waiting = Channel.CreateBounded<AuditEvent>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Lock _counting = new();
    private long _minute;
    private int _unknown;
    private long _leftOut;

    public void Note(AccessEvent access)
    {
        var leftOut = 0L;
        lock (_counting)
        {
            var minute = time.GetUtcNow().ToUnixTimeSeconds() / 60;
            if (minute != _minute)
            {
                (_minute, _unknown) = (minute, 0);
            }

            if (access is { Denied: true, Actor.Role: Role.None } && _unknown++ >= MostUnknown)
            {
                _leftOut++;
                return;
            }

            (leftOut, _leftOut) = (_leftOut, 0);
        }

        var detail = new JsonObject { ["access"] = access.Action, ["call"] = AuditOrigin.Clean(access.Address, 300) };
        if (access.Reason.Length > 0)
        {
            detail["code"] = access.Reason;
        }

        if (leftOut > 0)
        {
            detail["leftOutBefore"] = leftOut;
        }

        var happened = new AuditEvent(access.Denied ? "access.denied" : access.Action is "login" or "logout" ? access.Action : $"access.{access.Action}")
        {
            Kind = access.Kind,
            EntryId = access.Id,
            Detail = detail,
            Origin = AuditOrigin.Of(access.Actor, accessor.HttpContext),
        };
        if (!_waiting.Writer.TryWrite(happened))
        {
            lock (_counting)
            {
                _leftOut += leftOut + 1;
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.OpenedAsync(stoppingToken).ConfigureAwait(false);
        try
        {
            await foreach (var happened in _waiting.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
            {
                await WriteAsync(happened, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await WriteRestAsync().ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(AuditEvent happened, CancellationToken cancellation)
    {
        var told = false;
        while (true)
        {
            try
            {
                await log.RecordAsync(happened, cancellation).ConfigureAwait(false);
                return;
            }
            catch (Exception fault) when (fault is DbException or TimeoutException)
            {
                if (!told)
                {
                    LogWaiting(logger, fault);
                    told = true;
                }

                await Task.Delay(RetryAfter, time, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task WriteRestAsync()
    {
        try
        {
            while (_waiting.Reader.TryRead(out var happened))
            {
                await log.RecordAsync(happened, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (fault is DbException or TimeoutException)
        {
            LogLost(logger, _waiting.Reader.Count + 1, fault);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Audit rows of accesses wait: the store does not answer.")]
    private static partial void LogWaiting(ILogger logger, Exception fault);

    [LoggerMessage(LogLevel.Error, "{Count} audit rows of accesses could not be written before the end.")]
    private static partial void LogLost(ILogger logger, int count, Exception fault);
}
