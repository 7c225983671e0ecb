using System.Diagnostics.Metrics;
using System.IO.MemoryMappedFiles;
using System.Security.Cryptography;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Admission.InFlight;

/// <summary>
/// What runs on this edge, in a file mapped into memory with a slot for each request, so that a process that is killed leaves behind what it was doing. Slots are taken
/// and given back without a lock. When all are taken, or the file cannot be used, requests run without one, which is counted: should the process be killed then, what they
/// used is not recorded.
/// </summary>
internal sealed unsafe partial class InFlightSlots : IDisposable
{
    /// <summary>Slots of the file, which takes 32 MiB at most and no more disk than slots that were in use.</summary>
    public const int DefaultCount = 8_192;

    private const long Magic = 0x3130_544C_5346_4957;
    private const int HeaderBytes = 4096;
    private const int VersionAt = 8;
    private const int EpochAt = 16;

    private readonly Meter _meter = new("Gateway.Edge");
    private readonly Counter<long> _without;
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _base;
    private readonly int[] _next = [];
    private readonly InFlightSlot?[] _slots = [];
    private readonly int _count;
    private long _free = -1;
    private long _lastRecord;

    public InFlightSlots(string path, TimeProvider time, ILogger<InFlightSlots> logger, int count = DefaultCount)
    {
        _without = _meter.CreateCounter<long>("gateway.edge.inflight.without_slot", "{request}", "Requests that ran without an in-flight slot: what they use is not recorded if this process is killed");
        var epoch = (time.GetUtcNow().UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var size = HeaderBytes + ((long)count * SlotLayout.SlotBytes);
            var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            if (stream.Length < size)
            {
                stream.SetLength(size);
            }

            _count = (int)Math.Min(int.MaxValue, (stream.Length - HeaderBytes) / SlotLayout.SlotBytes);
            _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
            _view = _file.CreateViewAccessor();
            byte* at = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref at);
            _base = at;
            if (*(long*)at != Magic || *(int*)(at + VersionAt) != SlotLayout.Format)
            {
                Clear(at, logger);
            }

            epoch = Math.Max(epoch, *(long*)(at + EpochAt) + 1);
            *(long*)(at + EpochAt) = epoch;
            _next = new int[_count];
            _slots = new InFlightSlot?[_count];
            Orphans = Collect();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogUnusable(logger, path, e.Message);
        }

        Run = new EdgeRun(epoch, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1);
    }

    public EdgeRun Run { get; }

    /// <summary>Slots that an earlier run left behind; they stay taken until <see cref="Release"/>.</summary>
    public IReadOnlyList<int> Orphans { get; } = [];

    /// <summary>Takes a slot for a request that was admitted.</summary>
    /// <returns>The slot, or null where there is no free one or its texts do not fit.</returns>
    public InFlightSlot? Take(RequestContext context)
    {
        ref var reservation = ref context.Reservation;
        var budgets = reservation.Budgets.Set?.Names;
        if (!SlotLayout.Fits(SlotText.Budgets, budgets) || Pop() is not (>= 0 and var index))
        {
            _without.Add(1);
            return null;
        }

        var at = At(index);
        var key = context.Key!;
        *(ulong*)(at + SlotLayout.RecordIdHighAt) = Run.RecordPrefix;
        *(ulong*)(at + SlotLayout.RecordIdLowAt) = (ulong)Interlocked.Increment(ref _lastRecord);
        *(long*)(at + SlotLayout.EpochAt) = Run.Epoch;
        *(long*)(at + SlotLayout.StartedAt) = context.StartedAtMicros;
        *(long*)(at + SlotLayout.HeldAt) = reservation.Budgets.NanoUsd;
        *(long*)(at + SlotLayout.PromptTokensAt) = reservation.PromptTokens;
        *(long*)(at + SlotLayout.OutputBytesAt) = 0;
        *(long*)(at + SlotLayout.PromptNanoUsdAt) = 0;
        *(long*)(at + SlotLayout.OutputPerMillionAt) = 0;
        *(int*)(at + SlotLayout.OperationAt) = (int)context.Operation.Operation;
        *(int*)(at + SlotLayout.FlagsAt) = (context.Envelope.Stream ? SlotLayout.StreamFlag : 0) | (reservation.Budgets.Set is { IsEmpty: false } ? SlotLayout.BudgetsFlag : 0);
        SlotLayout.Write(at, SlotText.Key, key.Id);
        SlotLayout.Write(at, SlotText.Team, key.TeamId);
        SlotLayout.Write(at, SlotText.User, key.Identity.UserId);
        SlotLayout.Write(at, SlotText.Customer, key.Identity.CustomerId);
        SlotLayout.Write(at, SlotText.EndUser, context.EndUser);
        SlotLayout.Write(at, SlotText.Session, context.SessionId);
        SlotLayout.Write(at, SlotText.Model, context.ModelName);
        SlotLayout.Write(at, SlotText.Route, context.Route?.Name);
        SlotLayout.Write(at, SlotText.Deployment, null);
        SlotLayout.Write(at, SlotText.Provider, null);
        SlotLayout.Write(at, SlotText.Credential, null);
        SlotLayout.Write(at, SlotText.PriceVersion, null);
        SlotLayout.Write(at, SlotText.Tags, context.TagsText);
        SlotLayout.Write(at, SlotText.Budgets, budgets);
        // Published by one store after everything above.
        Volatile.Write(ref *(int*)at, (int)SlotState.Running);
        return _slots[index] ??= new InFlightSlot(this, at, index);
    }

    /// <summary>An id for the record of a request that has no slot.</summary>
    public UInt128 NextId() => new(Run.RecordPrefix, (ulong)Interlocked.Increment(ref _lastRecord));

    /// <summary>The memory of a slot.</summary>
    public byte* At(int index) => _base + HeaderBytes + ((long)index * SlotLayout.SlotBytes);

    /// <summary>Frees a slot that an earlier run left behind, once what it told is recorded.</summary>
    public void Release(int index)
    {
        Volatile.Write(ref *(int*)At(index), (int)SlotState.Free);
        Return(index);
    }

    internal void Return(int index)
    {
        // Index + 1 in the lower half, so that 0 says empty; the upper half counts, so that a slot that left and came back is not taken for one that stayed.
        while (true)
        {
            var head = Volatile.Read(ref _free);
            _next[index] = (int)(uint)head - 1;
            if (Interlocked.CompareExchange(ref _free, Head(head, index), head) == head)
            {
                return;
            }
        }
    }

    public void Dispose()
    {
        _meter.Dispose();
        if (_view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file!.Dispose();
        }
    }

    private int Pop()
    {
        while (true)
        {
            var head = Volatile.Read(ref _free);
            var index = (int)(uint)head - 1;
            if (index < 0 || _count == 0)
            {
                return -1;
            }

            if (Interlocked.CompareExchange(ref _free, Head(head, Volatile.Read(ref _next[index])), head) == head)
            {
                return index;
            }
        }
    }

    private static long Head(long before, int index) => (long)((((ulong)before >> 32) + 1) << 32) | (uint)(index + 1);

    private List<int> Collect()
    {
        var orphans = new List<int>();
        _free = 0;
        for (var i = _count - 1; i >= 0; i--)
        {
            if (*(int*)At(i) == (int)SlotState.Free)
            {
                Return(i);
            }
            else
            {
                orphans.Add(i);
            }
        }

        orphans.Reverse();
        return orphans;
    }

    private void Clear(byte* at, ILogger logger)
    {
        if (*(long*)at != 0)
        {
            LogUnknown(logger);
        }

        for (var i = 0; i < _count; i++)
        {
            *(int*)At(i) = (int)SlotState.Free;
        }

        *(int*)(at + VersionAt) = SlotLayout.Format;
        *(long*)at = Magic;
    }

    [LoggerMessage(LogLevel.Error, "the file of in-flight slots {Path} cannot be used ({Reason}): what requests use is not recorded if this process is killed")]
    private static partial void LogUnusable(ILogger logger, string path, string reason);

    [LoggerMessage(LogLevel.Error, "the file of in-flight slots is of a format that is not known: what an earlier run left in it is lost")]
    private static partial void LogUnknown(ILogger logger);
}
