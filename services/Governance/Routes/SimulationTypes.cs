using System.Text.Json.Serialization;

namespace Gateway.Governance.Routes;

/// <summary>A request that might be made, for <c>POST /api/routes/simulate</c>.</summary>
public sealed record SimulationInput
{
    /// <summary>The model name as a caller would write it.</summary>
    public required string Model { get; init; }

    /// <summary>The virtual key that would be used; null: one that may do everything.</summary>
    public string? KeyId { get; init; }

    /// <summary>Request headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The body's <c>metadata</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The body's end user, or null.</summary>
    public string? User { get; init; }

    /// <summary>Name of the operation. Default <c>chat</c>.</summary>
    public string Operation { get; init; } = "chat";

    /// <summary>Whether a stream is asked for. Default false.</summary>
    public bool Stream { get; init; }

    /// <summary>Tokens of the prompt. Default 0.</summary>
    public long Tokens { get; init; }

    /// <summary>The caller's cap on output tokens; 0 for none.</summary>
    public long MaxTokens { get; init; }

    /// <summary>Percentage used of the fullest budget. Default 0.</summary>
    public double BudgetUsed { get; init; }

    /// <summary>The moment; null: now.</summary>
    public DateTimeOffset? Time { get; init; }
}

/// <summary>Where a request would go and why.</summary>
public sealed record Simulation
{
    /// <summary>Why it would be refused, or null.</summary>
    public string? Refused { get; init; }

    /// <summary>The routes it would be planned on: first that of the model, then where rules send it, then its fallbacks.</summary>
    public required IReadOnlyList<SimulatedRoute> Routes { get; init; }

    /// <summary>Attributes that rules set.</summary>
    public required IReadOnlyDictionary<string, string> Attributes { get; init; }
}

/// <summary>One route in a simulation.</summary>
public sealed record SimulatedRoute
{
    /// <summary>Its public name.</summary>
    public required string Route { get; init; }

    /// <summary>How the request comes to it.</summary>
    public required string Why { get; init; }

    /// <summary>Its strategy.</summary>
    public required string Strategy { get; init; }

    /// <summary>The rule that decided, or null.</summary>
    public string? Rule { get; init; }

    /// <summary>The route that the rule sends the request to, or null.</summary>
    public string? Redirect { get; init; }

    /// <summary>Targets in the order they would be tried.</summary>
    public required IReadOnlyList<SimulatedTarget> Candidates { get; init; }

    /// <summary>Targets left out, and why.</summary>
    public required IReadOnlyList<SimulatedSkip> Skipped { get; init; }

    /// <summary>What happens with a chat stream that breaks off: <c>Error</c> or <c>Continue</c>.</summary>
    public required string OnCut { get; init; }

    /// <summary>Deployments that may get a copy.</summary>
    public required IReadOnlyList<string> Shadows { get; init; }
}

/// <summary>A target in a simulation.</summary>
public sealed record SimulatedTarget
{
    /// <summary>The deployment.</summary>
    public required string DeploymentId { get; init; }

    /// <summary>Its provider.</summary>
    public required string ProviderId { get; init; }

    /// <summary>The model name that the provider would get.</summary>
    public required string Model { get; init; }

    /// <summary>With the strategy <c>Weighted</c>: the percentage of requests that try it first among those of its priority.</summary>
    public double? Share { get; init; }

    /// <summary>Time to the first token that edges see at present, in milliseconds, or null.</summary>
    public double? FirstTokenMs { get; init; }

    /// <summary>Calls under way on all edges.</summary>
    public int InFlight { get; init; }
}

/// <summary>A target left out.</summary>
public sealed record SimulatedSkip
{
    /// <summary>The deployment.</summary>
    public required string DeploymentId { get; init; }

    /// <summary>Why it is left out.</summary>
    public required string Reason { get; init; }

    /// <summary>When that ends, where known.</summary>
    public DateTimeOffset? Until { get; init; }
}

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Simulation))]
internal sealed partial class SimulationJson : JsonSerializerContext;
