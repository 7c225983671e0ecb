using System.Buffers.Binary;
using System.Collections.Concurrent;
using Gateway.SemanticCache.Storing.Embedded;
using Gateway.SemanticMatching.Learning;

namespace Gateway.SemanticCache.Deciding;

/// <summary>
/// All domains and what they learnt, kept in one file: outcomes and counters without a text, as hashes and numbers. Written every second; a process that is killed
/// forgets at most that.
/// </summary>
internal sealed partial class EvidenceBook(string directory, TimeProvider time, ILogger<EvidenceBook> log) : IAsyncDisposable
{
    private const int MaxDomains = 10_000;
    private const byte OutcomeKind = 1;
    private const byte CountersKind = 2;
    private const int DomainBytes = 32;
    private const int OutcomeBytes = 1 + DomainBytes + 16 + 8 + 1 + 1;
    private const int CountersBytes = 1 + DomainBytes + 8 + 8 + 8 + 1;
    private const long RewriteBytes = 32 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, Domain> _domains = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<byte[]> _pending = new();
    private readonly SemaphoreSlim _writer = new(1, 1);
    private SegmentFile? _file;

    public IEnumerable<Domain> Domains => _domains.Values;

    private string Path => System.IO.Path.Combine(directory, "learned.log");

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        _file = SegmentFile.Open(Path, 0);
        var whole = await _file.LoadAsync((_, payload) =>
        {
            TakeIn(payload);
            return ValueTask.CompletedTask;
        }, cancellationToken);
        if (!whole)
        {
            LogDamaged();
        }

        await RewriteAsync();
    }

    public Domain Of(string id)
    {
        if (_domains.TryGetValue(id, out var domain))
        {
            domain.LastUsed = time.GetTimestamp();
            return domain;
        }

        if (_domains.Count >= MaxDomains && _domains.Values.MinBy(static d => d.LastUsed) is { } oldest)
        {
            _domains.TryRemove(oldest.Id, out _);
        }

        domain = _domains.GetOrAdd(id, static id => new Domain(id));
        domain.LastUsed = time.GetTimestamp();
        return domain;
    }

    /// <summary>The domain if it is known; looking does not make one.</summary>
    public Domain? Find(string id) => _domains.GetValueOrDefault(id);

    public void Observe(string domain, Observation observation)
    {
        Of(domain).With(e => e.Observe(observation));
        _pending.Enqueue(Outcome(domain, observation));
    }

    public async Task FlushAsync()
    {
        await _writer.WaitAsync();
        try
        {
            if (_file is null)
            {
                return;
            }

            var block = new List<byte>();
            while (block.Count < SegmentFile.MaxPayload / 2 && _pending.TryDequeue(out var bytes))
            {
                block.AddRange(bytes);
            }

            foreach (var domain in _domains.Values.Where(static d => d.IsDirty))
            {
                domain.IsDirty = false;
                block.AddRange(Counters(domain));
            }

            if (block.Count > 0)
            {
                await _file.AppendAsync(block.ToArray(), CancellationToken.None);
                _file.FlushToDisk();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What was learnt stays in memory; a full disk must not stop look-ups.
            LogUnwritten(e.Message);
        }
        finally
        {
            _writer.Release();
        }

        if (_file?.Length > RewriteBytes)
        {
            await RewriteAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await FlushAsync();
        _file?.Dispose();
        _writer.Dispose();
    }

    /// <summary>Writes what is still of use into a new file, which takes the place of the old one whole.</summary>
    private async Task RewriteAsync()
    {
        await _writer.WaitAsync();
        try
        {
            var fresh = Path + ".new";
            File.Delete(fresh);
            using (var file = SegmentFile.Open(fresh, 0))
            {
                foreach (var domain in _domains.Values)
                {
                    var block = domain.With(e => e.Kept).SelectMany(o => Outcome(domain.Id, o)).Concat(Counters(domain)).ToArray();
                    await file.AppendAsync(block, CancellationToken.None);
                }

                file.FlushToDisk();
            }

            _file?.Dispose();
            File.Move(fresh, Path, overwrite: true);
            _file = SegmentFile.Open(Path, 0);
            await _file.LoadAsync(static (_, _) => ValueTask.CompletedTask, CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnwritten(e.Message);
        }
        finally
        {
            _writer.Release();
        }
    }

    private static byte[] Outcome(string domain, Observation observation)
    {
        var bytes = new byte[OutcomeBytes];
        bytes[0] = OutcomeKind;
        Convert.FromHexString(domain).CopyTo(bytes, 1);
        observation.Entry.TryWriteBytes(bytes.AsSpan(33));
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(49), observation.LogOdds);
        bytes[57] = observation.Right ? (byte)1 : (byte)0;
        bytes[58] = (byte)observation.Kind;
        return bytes;
    }

    private static byte[] Counters(Domain domain)
    {
        var bytes = new byte[CountersBytes];
        bytes[0] = CountersKind;
        Convert.FromHexString(domain.Id).CopyTo(bytes, 1);
        var stats = domain.Stats();
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(33), stats.Lookups);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(41), stats.Hits);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(49), stats.MaxWrongHitRate);
        bytes[57] = stats.OverBound ? (byte)1 : (byte)0;
        return bytes;
    }

    private void TakeIn(ReadOnlySpan<byte> block)
    {
        while (block.Length > 0)
        {
            var size = block[0] == OutcomeKind ? OutcomeBytes : CountersBytes;
            if (block[0] is not (OutcomeKind or CountersKind) || block.Length < size)
            {
                return;
            }

            var domain = Of(Convert.ToHexStringLower(block.Slice(1, DomainBytes)));
            if (block[0] == OutcomeKind)
            {
                var outcome = new Observation(
                    new Guid(block.Slice(33, 16)), BinaryPrimitives.ReadDoubleLittleEndian(block[49..]), block[57] != 0, (ObservationKind)block[58]);
                domain.With(e => e.Observe(outcome));
            }
            else
            {
                var (lookups, hits) = (BinaryPrimitives.ReadInt64LittleEndian(block[33..]), BinaryPrimitives.ReadInt64LittleEndian(block[41..]));
                var (bound, over) = (BinaryPrimitives.ReadDoubleLittleEndian(block[49..]), block[57] != 0);
                domain.With(e => e.Restore(lookups, hits, bound, over));
            }

            block = block[size..];
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The file of what the cache learnt is damaged; what could be read of it is kept")]
    private partial void LogDamaged();

    [LoggerMessage(2, LogLevel.Warning, "What the cache learnt could not be written: {Message}")]
    private partial void LogUnwritten(string message);
}
