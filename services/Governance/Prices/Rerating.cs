using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Governance.Usage;

namespace Gateway.Governance.Prices;

/// <summary>Which records are rated again.</summary>
internal sealed record RerateFilter
{
    /// <summary>Start of the range, inclusive.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>End of the range, exclusive.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Provider, or null for any.</summary>
    public string? Provider { get; init; }

    /// <summary>Deployment, or null for any.</summary>
    public string? Deployment { get; init; }

    /// <summary>Public model name, or null for any.</summary>
    public string? Model { get; init; }

    /// <summary>Customer, or null for any.</summary>
    public string? Customer { get; init; }

    /// <summary>Virtual key, or null for any.</summary>
    public string? Key { get; init; }

    /// <summary>Price version that the records have now, or null for any; empty: those that are unpriced.</summary>
    public string? PriceVersion { get; init; }

    /// <summary>True to count what would change, and change nothing.</summary>
    public bool DryRun { get; init; }
}

/// <summary>How far a run of re-rating is. Numbers are persisted: append only.</summary>
internal enum ReratingState
{
    /// <summary>Under way, also while no instance works on it.</summary>
    Running = 1,

    /// <summary>All records of the range were looked at.</summary>
    Done = 2,
}

/// <summary>A run of re-rating.</summary>
internal sealed record ReratingView
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>How far it is.</summary>
    public required ReratingState State { get; init; }

    /// <summary>What was asked for.</summary>
    public required RerateFilter Filter { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last came on.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Records up to this moment have been looked at.</summary>
    public required DateTimeOffset Reached { get; init; }

    /// <summary>Records looked at.</summary>
    public required long Examined { get; init; }

    /// <summary>Records whose cost or price version is another one now; in a dry run, would be.</summary>
    public required long Changed { get; init; }

    /// <summary>Records left as they are because nothing has a price for them now.</summary>
    public required long Unpriced { get; init; }

    /// <summary>Records left as they are because they are of several requests or deployments, and it is not known what each used.</summary>
    public required long Mixed { get; init; }

    /// <summary>What the changed records cost before, in nano-US-dollars.</summary>
    public required long OldCostNanoUsd { get; init; }

    /// <summary>What they cost now.</summary>
    public required long NewCostNanoUsd { get; init; }

    /// <summary>The difference in US dollars.</summary>
    public string DifferenceUsd => Money.Usd(NewCostNanoUsd - OldCostNanoUsd);
}

/// <summary>A row of <c>reratings</c>.</summary>
internal sealed class ReratingRow
{
    public const string Columns =
        "id, created_at AS CreatedAt, updated_at AS UpdatedAt, state, filter, cursor_at AS CursorAt, cursor_id AS CursorId, examined, changed, unpriced, mixed, old_cost AS OldCost, new_cost AS NewCost";

    public required string Id { get; init; }

    public long CreatedAt { get; init; }

    public long UpdatedAt { get; init; }

    public int State { get; init; }

    public required string Filter { get; init; }

    public long CursorAt { get; init; }

    public required string CursorId { get; init; }

    public long Examined { get; init; }

    public long Changed { get; init; }

    public long Unpriced { get; init; }

    public long Mixed { get; init; }

    public long OldCost { get; init; }

    public long NewCost { get; init; }

    public RerateFilter Asked => JsonSerializer.Deserialize(Filter, PriceJson.Default.RerateFilter)!;

    public ReratingView ToView() => new()
    {
        Id = Id,
        State = (ReratingState)State,
        Filter = Asked,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
        UpdatedAt = DateTimeOffset.FromUnixTimeMilliseconds(UpdatedAt),
        Reached = DateTimeOffset.UnixEpoch.AddTicks(CursorAt * TimeSpan.TicksPerMicrosecond),
        Examined = Examined,
        Changed = Changed,
        Unpriced = Unpriced,
        Mixed = Mixed,
        OldCostNanoUsd = OldCost,
        NewCostNanoUsd = NewCost,
    };
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RerateFilter))]
[JsonSerializable(typeof(ReratingView))]
[JsonSerializable(typeof(PricePage))]
[JsonSerializable(typeof(PriceResolution))]
internal sealed partial class PriceJson : JsonSerializerContext;
