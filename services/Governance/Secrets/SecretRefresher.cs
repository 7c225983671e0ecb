using System.Data.Common;
using Gateway.Governance.Bootstrap;
using Gateway.Governance.Entries;

namespace Gateway.Governance.Secrets;

/// <summary>Reads referenced secrets when they are due, and makes a new version of the configuration when one has changed.</summary>
internal sealed partial class SecretRefresher(SecretBook book, ConfigStore store, StoreGate gate, TimeProvider time, ILogger<SecretRefresher> logger) : BackgroundService
{
    private const int MostTogether = 8;
    private static readonly TimeSpan RetryTelling = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly List<Task> _reading = [];
    private int _untold;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await gate.OpenedAsync(stoppingToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                await TellAsync(stoppingToken).ConfigureAwait(false);
                var state = store.Latest;
                book.Keep(SecretReferences.Of(state));
                _reading.RemoveAll(static t => t.IsCompleted);
                _reading.AddRange(book.TakeDue(MostTogether - _reading.Count).Select(r => ReadAsync(r, stoppingToken)));
                await WaitAsync(state.Version, stoppingToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await Task.WhenAll(_reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(SecretReference reference, CancellationToken cancellation)
    {
        var (isNews, before, after) = await book.ReadAsync(reference, cancellation).ConfigureAwait(false);
        if (isNews)
        {
            Interlocked.Exchange(ref _untold, 1);
        }

        if (after.Problem is { } problem && before.Problem != problem)
        {
            LogFailed(logger, reference.Kind, reference.ToString(), problem, after.Value is null ? "there is no value yet" : "the last good value stays in force");
        }
        else if (after.Problem is null && before.Problem is not null)
        {
            LogRecovered(logger, reference.Kind, reference.ToString());
        }

        book.Wake();
    }

    private async Task TellAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _untold, 0) == 0)
        {
            return;
        }

        try
        {
            await store.TouchAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is DbException or TimeoutException)
        {
            Interlocked.Exchange(ref _untold, 1);
        }
    }

    private async Task WaitAsync(long version, CancellationToken stopping)
    {
        var wait = _reading.Count >= MostTogether ? Longest : book.UntilNext();
        wait = Volatile.Read(ref _untold) != 0 && wait > RetryTelling ? RetryTelling : wait > Longest ? Longest : wait;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var woken = book.Woken.ReadAsync(end.Token).AsTask();
        await Task.WhenAny(woken, Task.Delay(wait, time, end.Token), store.WaitBeyondAsync(version, end.Token)).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        stopping.ThrowIfCancellationRequested();
    }

    [LoggerMessage(LogLevel.Warning, "A secret cannot be read from {Kind}, {Place}: {Problem}; {Consequence}.")]
    private static partial void LogFailed(ILogger logger, SecretKind kind, string place, string problem, string consequence);

    [LoggerMessage(LogLevel.Information, "A secret can be read again from {Kind}, {Place}.")]
    private static partial void LogRecovered(ILogger logger, SecretKind kind, string place);
}
