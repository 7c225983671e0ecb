using System.Collections.Concurrent;
using Gateway.McpHub.Configuration;

namespace Gateway.McpHub.Upstreams;

/// <summary>The open sessions at one server.</summary>
internal sealed class SessionPool(Func<SessionKey, UpstreamRequest, CancellationToken, Task<Opened>> open, UpstreamSettings settings, TimeProvider time) : IAsyncDisposable
{
    private const int Max = 10_000;

    // A server whose sessions end as soon as they stand would be asked for another for ever.
    private const int MostEnded = 2;
    private static readonly TimeSpan OpenTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan IdleShared = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan IdleOwn = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<SessionKey, Task<Opened>> sessions = new();
    private readonly CancellationTokenSource closed = new();
    private long starts;

    /// <summary>How many there are.</summary>
    public int Count => sessions.Count;

    /// <summary>How many were begun in all.</summary>
    public long Starts => Interlocked.Read(ref starts);

    /// <summary>Those that stand.</summary>
    public IEnumerable<(SessionKey Key, UpstreamSession Session)> Standing
        => sessions.Where(s => s.Value.IsCompletedSuccessfully).Select(s => (s.Key, s.Value.GetAwaiter().GetResult().Session)).Where(s => s.Session is not null).Select(s => (s.Key, s.Session!));

    /// <summary>The session of a key, begun when there is none.</summary>
    public async ValueTask<Opened> GetAsync(SessionKey key, UpstreamRequest request, CancellationToken cancellation)
    {
        for (var ended = 0; ;)
        {
            if (!sessions.TryGetValue(key, out var there))
            {
                if (sessions.Count >= Max && !await MakeRoomAsync().ConfigureAwait(false))
                {
                    return new(null, UpstreamReply.Failed(Faults.Busy(settings.Id)));
                }

                // What comes of it is taken from here: where it fails at once it is gone from the table before it could be looked up.
                var begun = new TaskCompletionSource<Opened>(TaskCreationOptions.RunContinuationsAsynchronously);
                there = sessions.GetOrAdd(key, begun.Task);
                if (there == begun.Task)
                {
                    Interlocked.Increment(ref starts);
                    _ = BeginAsync(key, request, begun);
                }
            }

            var opened = there.IsCompletedSuccessfully ? await there.ConfigureAwait(false) : await there.WaitAsync(cancellation).ConfigureAwait(false);
            if (opened.Session is null or { IsAlive: true })
            {
                return opened;
            }

            await RemoveAsync(key, opened.Session).ConfigureAwait(false);
            if (++ended == MostEnded)
            {
                return new(null, UpstreamReply.Failed(Faults.Unreachable(settings.Id, "its sessions end as soon as they begin")));
            }
        }
    }

    /// <summary>Ends a session, if it still is the one of its key.</summary>
    public async ValueTask RemoveAsync(SessionKey key, UpstreamSession session)
    {
        if (sessions.TryGetValue(key, out var task) && task.IsCompletedSuccessfully && (await task.ConfigureAwait(false)).Session == session && sessions.TryRemove(new(key, task)))
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the sessions of a conversation.</summary>
    public async ValueTask EndAsync(string conversation)
    {
        foreach (var (key, session) in Standing.Where(s => s.Key.Conversation == conversation).ToList())
        {
            await RemoveAsync(key, session).ConfigureAwait(false);
        }
    }

    /// <summary>Ends sessions that nobody used for long.</summary>
    public async ValueTask SweepAsync()
    {
        foreach (var (key, session) in Standing.Where(s => !s.Session.IsAlive || s.Session.Idle > (s.Key.Conversation is null ? IdleShared : IdleOwn)).ToList())
        {
            // The hub's own keeps hearing of changes; one process for all is not to be started for each call.
            if (key.Identity.Length > 0 || !session.IsAlive)
            {
                await RemoveAsync(key, session).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await closed.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(Standing.ToList().Select(s => RemoveAsync(s.Key, s.Session).AsTask())).ConfigureAwait(false);
    }

    private async Task BeginAsync(SessionKey key, UpstreamRequest request, TaskCompletionSource<Opened> begun)
    {
        using var limit = new CancellationTokenSource(OpenTime, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, closed.Token);
        Opened opened;
        try
        {
            opened = await open(key, request, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            opened = new(null, UpstreamReply.Failed(Faults.TimedOut(settings.Id, OpenTime)));
        }
        catch (Exception e)
        {
            // A fault of the hub must not keep callers waiting; they get it as theirs.
            sessions.TryRemove(new(key, begun.Task));
            begun.SetException(e);
            return;
        }

        if (opened.Session is null)
        {
            sessions.TryRemove(new(key, begun.Task));
        }

        begun.SetResult(opened);
        if (closed.IsCancellationRequested && opened.Session is { } late)
        {
            await RemoveAsync(key, late).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> MakeRoomAsync()
    {
        var idlest = Standing.Where(s => s.Session.IsQuiet && s.Key.Identity.Length > 0).MaxBy(s => s.Session.Idle);
        if (idlest.Session is null)
        {
            return false;
        }

        await RemoveAsync(idlest.Key, idlest.Session).ConfigureAwait(false);
        return true;
    }
}

/// <summary>What came of the beginning of a session.</summary>
/// <param name="Session">The session; null when there is none.</param>
/// <param name="Reply">Why there is none.</param>
/// <param name="IsOtherGeneration">Whether it was found out that the server speaks the other generation, to be tried with that.</param>
internal readonly record struct Opened(UpstreamSession? Session, UpstreamReply Reply, bool IsOtherGeneration = false);
