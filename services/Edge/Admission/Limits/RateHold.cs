using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Admission.Limits;

/// <summary>What one request has taken of rate limits until it settles.</summary>
internal struct RateHold
{
    /// <summary>Which of the key's known counters were taken from.</summary>
    public ulong Known;

    // Small, since every request has one: no request has more tokens than this holds.
    private uint _input;
    private uint _output;
    private byte _priority;

    /// <summary>Input tokens taken.</summary>
    public long Input { readonly get => _input; set => _input = (uint)Math.Clamp(value, 0, uint.MaxValue); }

    /// <summary>Output tokens taken.</summary>
    public long Output { readonly get => _output; set => _output = (uint)Math.Clamp(value, 0, uint.MaxValue); }

    public PriorityClass Priority { readonly get => (PriorityClass)_priority; set => _priority = (byte)value; }

    /// <summary>What most requests have nothing of; null while there is none.</summary>
    public RateExtras? More;

    /// <summary>What is taken of a limit.</summary>
    public readonly long Amount(LimitMetric metric) => metric switch
    {
        LimitMetric.InputTokens => Input,
        LimitMetric.OutputTokens => Output,
        LimitMetric.TotalTokens => Input + Output,
        LimitMetric.Images => More?.Images ?? 0,
        LimitMetric.AudioSeconds => More?.AudioMilliseconds ?? 0,
        _ => 1,
    };
}

/// <summary>What few requests hold of rate limits.</summary>
internal sealed class RateExtras
{
    /// <summary>Images taken.</summary>
    public long Images { get; set; }

    /// <summary>Milliseconds of recordings taken.</summary>
    public long AudioMilliseconds { get; set; }

    /// <summary>Counters that depend on what the request says or whom it calls.</summary>
    public List<ExtraHold> Holds { get; } = [];

    /// <summary>The request's place in a queue, while it has one.</summary>
    public LimitWaiter? Waiter { get; set; }

    /// <summary>Why a provider could not be called, in case no other can.</summary>
    public LimitRefusal? ProviderRefused { get; set; }
}

/// <summary>A counter besides the key's known ones that was taken from.</summary>
/// <param name="Counter">The counter.</param>
/// <param name="ProviderId">The provider that it is for; null when it is not for one.</param>
/// <param name="Mark">See <see cref="LimitCounter.TryTake"/>.</param>
internal readonly record struct ExtraHold(LimitCounter Counter, string? ProviderId, long Mark);

/// <summary>A limit that had no room.</summary>
/// <param name="Counter">The limit.</param>
/// <param name="Amount">What was needed.</param>
/// <param name="Wait">How long until it could be had; <see cref="Timeout.InfiniteTimeSpan"/> when it never can.</param>
/// <param name="MayAsk">True when others may have left some.</param>
internal sealed record LimitRefusal(LimitCounter Counter, long Amount, TimeSpan Wait, bool MayAsk)
{
    /// <summary>True when the caller may be told what is left.</summary>
    public bool ShowsLeft { get; init; }
}
