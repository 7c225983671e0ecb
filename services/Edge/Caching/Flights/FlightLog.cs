using System.Runtime.ExceptionServices;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Caching.Flights;

/// <summary>
/// What comes of a provider's stream, read once and kept so that others can read it from its beginning. Whoever has read all that is there reads on from the provider, so that no
/// reader waits for a slower one. Beyond its bound nothing is kept: then only the request that made the call reads on, and the others are told that the stream broke off.
/// </summary>
internal sealed class FlightLog
{
    private const int PageBytes = 8 * 1024;

    private readonly Lock _lock = new();
    private readonly StreamSource _source;
    private readonly int _most;
    private readonly List<byte[]> _pages = [];
    private long _start;
    private long _end;
    private TaskCompletionSource? _reading;
    private Exception? _fault;
    private bool _isEnded;
    private bool _isClosed;

    /// <summary>Takes over a stream.</summary>
    /// <param name="source">The stream, with its first event there.</param>
    /// <param name="most">Bytes that are kept.</param>
    public FlightLog(StreamSource source, int most)
    {
        (_source, _most) = (source, most);
        lock (_lock)
        {
            TakeLocked();
        }
    }

    /// <summary>True when more came than is kept.</summary>
    public bool IsOver { get; private set; }

    /// <summary>A stream source of the same framing over what is kept and what comes.</summary>
    /// <param name="isOwner">True for the request that made the call.</param>
    /// <param name="deadline">Ends the reader's waiting.</param>
    /// <param name="idleMs">Longest silence.</param>
    public StreamSource Open(bool isOwner, CallDeadline deadline, int idleMs) => new(new FlightStream(this, isOwner), _source.NewFrames(), deadline, idleMs);

    /// <summary>All that came; null when that was more than is kept.</summary>
    public byte[]? ToArray()
    {
        lock (_lock)
        {
            if (IsOver)
            {
                return null;
            }

            var all = new byte[_end];
            CopyLocked(0, all);
            return all;
        }
    }

    /// <summary>The events of what is kept, read anew.</summary>
    public Dialects.Framing.IFrameReader NewFrames() => _source.NewFrames();

    /// <summary>Reads on from a place.</summary>
    /// <exception cref="IOException">The stream broke off.</exception>
    public async ValueTask<int> ReadAsync(long position, Memory<byte> into, bool isOwner, CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource? mine = null;
            Task? others = null;
            lock (_lock)
            {
                if (position < _start || (IsOver && !isOwner && position >= _end))
                {
                    throw new IOException("The stream is too long to be shared.");
                }

                if (position < _end)
                {
                    return CopyLocked(position, into.Span);
                }

                if (_fault is { } fault)
                {
                    if (isOwner)
                    {
                        ExceptionDispatchInfo.Throw(fault);
                    }

                    throw new IOException("The shared stream broke off.", fault);
                }

                if (_isEnded)
                {
                    return 0;
                }

                if (IsOver)
                {
                    DropLocked();
                }

                if (_reading is { } reading)
                {
                    others = reading.Task;
                }
                else
                {
                    mine = _reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }

            if (mine is not null)
            {
                // Goes on without this reader when it leaves; closing the log waits for it.
                var read = ReadOnAsync(mine);
                await (isOwner ? read : read.WaitAsync(cancellationToken)).ConfigureAwait(false);
            }
            else
            {
                await others!.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends the log with the call: those who still wait are told that it broke off, unless it came to its end.</summary>
    /// <param name="isWhole">True when it did.</param>
    /// <param name="response">The provider's answer, which is broken off when somebody still reads from it.</param>
    public async ValueTask CloseAsync(bool isWhole, HttpResponseMessage? response)
    {
        Task? reading;
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            _isClosed = true;
            _isEnded |= isWhole;
            _fault ??= isWhole ? null : new IOException("The call ended before its stream did.");
            reading = _reading?.Task;
        }

        if (reading is not null)
        {
            response?.Dispose();
            await reading.ConfigureAwait(false);
        }

        _source.Dispose();
    }

    private async Task ReadOnAsync(TaskCompletionSource done)
    {
        Exception? fault = null;
        var more = false;
        try
        {
            more = await _source.FillAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            fault = e is ObjectDisposedException ? new IOException("The call ended.", e) : e;
        }

        lock (_lock)
        {
            if (more)
            {
                TakeLocked();
            }
            else if (fault is not null || _source.HasPartialFrame || _source.IsMalformed)
            {
                _fault ??= fault ?? new IOException(_source.IsMalformed ? "the stream is not in the provider's framing" : "the stream was cut inside an event");
            }
            else
            {
                _isEnded = true;
            }

            _reading = null;
        }

        done.SetResult();
    }

    private void TakeLocked()
    {
        while (_source.TryTake(out var frame))
        {
            var bytes = frame.Span;
            while (!bytes.IsEmpty)
            {
                var offset = (int)((_end - _start) % PageBytes);
                if (offset == 0)
                {
                    _pages.Add(new byte[PageBytes]);
                }

                var count = Math.Min(bytes.Length, PageBytes - offset);
                bytes[..count].CopyTo(_pages[^1].AsSpan(offset));
                bytes = bytes[count..];
                _end += count;
            }
        }

        IsOver |= _end > _most;
    }

    // Only its owner reads on, and has read all there was.
    private void DropLocked()
    {
        _pages.Clear();
        _start = _end;
    }

    private int CopyLocked(long position, Span<byte> into)
    {
        var copied = 0;
        while (copied < into.Length && position < _end)
        {
            var at = (int)(position - _start);
            var page = _pages[at / PageBytes].AsSpan(at % PageBytes);
            var count = (int)Math.Min(Math.Min(page.Length, into.Length - copied), _end - position);
            page[..count].CopyTo(into[copied..]);
            copied += count;
            position += count;
        }

        return copied;
    }
}
