using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Governance.Budgets;

/// <summary>What a budget has spent and has left.</summary>
public sealed record BudgetState
{
    /// <summary>The budget's id.</summary>
    public required string Id { get; init; }

    /// <summary>Display name.</summary>
    public required string Name { get; init; }

    /// <summary>True: it refuses nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>The moment the figures are of.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Each window that is under way.</summary>
    public required IReadOnlyList<BudgetWindowState> Windows { get; init; }
}

/// <summary>One window of a budget at a moment, in nano-US-dollars.</summary>
public sealed record BudgetWindowState
{
    /// <summary>The window's name, for example <c>month</c> or <c>rolling-30d</c>.</summary>
    public required string Window { get; init; }

    /// <summary>The window's amount.</summary>
    public long LimitNanoUsd { get; init; }

    /// <summary>Overrides in force, on top of the amount.</summary>
    public long OverrideNanoUsd { get; init; }

    /// <summary>Cost of the requests that are in the ledger.</summary>
    public long SettledNanoUsd { get; init; }

    /// <summary>What edges may still spend by themselves or have spent and not delivered.</summary>
    public long LeasedNanoUsd { get; init; }

    /// <summary>What requests hold, as edges last told: a part of the leased.</summary>
    public long HeldNanoUsd { get; init; }

    /// <summary>The part of the leased that edges have which have not been heard of since their leases expired.</summary>
    public long InDoubtNanoUsd { get; init; }

    /// <summary>What nobody has: limit and overrides less settled and leased; 0 where these pass it.</summary>
    public long LeftNanoUsd { get; init; }

    /// <summary>Settled in per cent of limit and overrides; 0 without either.</summary>
    public double SpentPercent { get; init; }

    /// <summary>When the window began; absent where it never resets.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>When it ends and everything is there again; absent where it never resets or rolls.</summary>
    public DateTimeOffset? ResetsAt { get; init; }
}

/// <summary>A page of budgets' states.</summary>
public sealed record BudgetStatePage
{
    /// <summary>In the order of the budgets' ids.</summary>
    public required IReadOnlyList<BudgetState> Items { get; init; }

    /// <summary>Pass as <c>after</c> for the next page; absent on the last.</summary>
    public string? Next { get; init; }
}

/// <summary>An amount charged or given back outside any request.</summary>
public sealed record BudgetAdjustment
{
    /// <summary>Unique id.</summary>
    public required string Id { get; init; }

    /// <summary>The budget's id.</summary>
    public required string BudgetId { get; init; }

    /// <summary>Nano-US-dollars; negative gives back.</summary>
    public long NanoUsd { get; init; }

    /// <summary>The windows around this moment are charged.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Who made it.</summary>
    public required string Actor { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>Body of a new adjustment.</summary>
public sealed record BudgetAdjustmentRequest
{
    /// <summary>Nano-US-dollars; negative gives back; not 0.</summary>
    public required long NanoUsd { get; init; }

    /// <summary>Why, 1 to 256 characters.</summary>
    public required string Reason { get; init; }

    /// <summary>The windows around this moment are charged; default now, not in the future.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>A page of adjustments.</summary>
public sealed record BudgetAdjustmentPage
{
    /// <summary>Newest first.</summary>
    public required IReadOnlyList<BudgetAdjustment> Items { get; init; }

    /// <summary>Pass as <c>after</c> for the next page; absent on the last.</summary>
    public string? Next { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BudgetState))]
[JsonSerializable(typeof(BudgetStatePage))]
[JsonSerializable(typeof(BudgetAdjustment))]
[JsonSerializable(typeof(BudgetAdjustmentPage))]
internal sealed partial class BudgetJson : JsonSerializerContext;
