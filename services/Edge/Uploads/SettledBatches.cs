using System.Collections.Concurrent;
using System.Globalization;

namespace Gateway.Edge.Uploads;

/// <summary>The batches that this edge has billed, by the ids of their records: a file of one line each, only ever added to while the edge runs.</summary>
internal sealed partial class SettledBatches : IDisposable
{
    // Providers keep results for a month or so; nobody asks for older ones.
    private const int Kept = 100_000;

    private readonly ConcurrentDictionary<UInt128, bool> _settled = new();
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 16).Select(static _ => new SemaphoreSlim(1))];
    private readonly SemaphoreSlim _writing = new(1);
    private readonly string _path;
    private readonly ILogger<SettledBatches> _logger;

    public SettledBatches(string path, ILogger<SettledBatches> logger)
    {
        _path = path;
        _logger = logger;
        try
        {
            var lines = File.Exists(path) ? File.ReadAllLines(path) : [];
            foreach (var line in lines.TakeLast(Kept))
            {
                if (UInt128.TryParse(line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id))
                {
                    _settled[id] = true;
                }
            }

            if (lines.Length > 2 * Kept)
            {
                File.WriteAllLines(path + ".new", lines.TakeLast(Kept));
                File.Move(path + ".new", path, overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnusable(path, e.Message);
        }
    }

    public bool Contains(UInt128 id) => _settled.ContainsKey(id);

    /// <summary>Waits until nobody else bills the batch.</summary>
    public async ValueTask<IDisposable> EnterAsync(UInt128 id, CancellationToken cancellationToken)
    {
        var turn = _turns[(int)(id % (uint)_turns.Length)];
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(turn);
    }

    public async ValueTask AddAsync(UInt128 id)
    {
        _settled[id] = true;
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            await File.AppendAllTextAsync(_path, id.ToString("x32", CultureInfo.InvariantCulture) + "\n").ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnusable(_path, e.Message);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose()
    {
        _writing.Dispose();
        Array.ForEach(_turns, static t => t.Dispose());
    }

    [LoggerMessage(LogLevel.Warning, "the list of billed batches {Path} cannot be used ({Reason}): after a restart their cost may count twice against this edge's budgets, though never in the ledger")]
    private partial void LogUnusable(string path, string reason);

    private sealed class Turn(SemaphoreSlim semaphore) : IDisposable
    {
        public void Dispose() => semaphore.Release();
    }
}
