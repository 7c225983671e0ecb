namespace Gateway.Dialects.Chat;

/// <summary>What a request's address says, in dialects that put it there.</summary>
/// <param name="Model">The model named in the path, or null when the body names it.</param>
/// <param name="Stream">True when the path asks for a stream.</param>
public readonly record struct RequestLocation(string? Model, bool Stream);

/// <summary>Where a request goes: the model, and what is odd about the provider that serves it.</summary>
public sealed record RequestTarget
{
    /// <summary>Model name as the provider knows it.</summary>
    public required string Model { get; init; }

    /// <summary>The provider's id, for example <c>mistral</c>; decides over quirks of compatible providers.</summary>
    public string Provider { get; init; } = "";

    /// <summary>True when the model is named in the address, so that the body must not name it.</summary>
    public bool ModelInPath { get; init; }

    /// <summary>Most output tokens the model can produce, for dialects in which a cap is obligatory; null when unknown.</summary>
    public int? MaxOutputTokens { get; init; }

    /// <summary>Request members the provider knows under another name: from the dialect's name to the provider's.</summary>
    public IReadOnlyDictionary<string, string> RenamedParameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Request members the provider refuses; they are left out and listed as dropped.</summary>
    public IReadOnlySet<string> DroppedParameters { get; init; } = new HashSet<string>();

    /// <summary>True when the provider understands <c>stream_options.include_usage</c>. Default true.</summary>
    public bool StreamUsageOption { get; init; } = true;
}

/// <summary>What a writer of answers needs to know beyond the answer.</summary>
public sealed record AnswerContext
{
    /// <summary>Id of the answer where the provider gave none, unique per request; a writer adds its dialect's prefix (<c>chatcmpl-</c>, <c>msg_</c>, <c>resp_</c>).</summary>
    public required string Id { get; init; }

    /// <summary>Model name as the caller wrote it.</summary>
    public required string Model { get; init; }

    /// <summary>When the answer began.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>True when the caller wants usage in the stream, in dialects where that is a choice.</summary>
    public bool IncludeUsage { get; init; }

    /// <summary>True when a Gemini caller asked for a JSON array instead of server-sent events (no <c>alt=sse</c>).</summary>
    public bool JsonArray { get; init; }

    /// <summary>Upper bound of the prompt's tokens, for dialects that name input tokens before the provider has counted them.</summary>
    public long PromptTokenEstimate { get; init; }

    /// <summary>The caller's request, for dialects whose answers repeat parts of it.</summary>
    public ChatRequest? Request { get; init; }
}

/// <summary>What is wrong with a request, in words for the caller.</summary>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Param">The member concerned, as a path (<c>messages[2].content[0].type</c>), or null.</param>
public sealed record DialectProblem(string Message, string? Param);

/// <summary>What a target cannot express: reported to the caller in <c>x-gateway-dropped</c>, or a reason to reject.</summary>
public sealed class DropList
{
    private readonly List<string> _names = [];

    /// <summary>Paths of the caller's members, each once, in the order met.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Adds a member, by its name in the caller's dialect where known, else by the neutral one.</summary>
    public void Add(string name)
    {
        if (!_names.Contains(name, StringComparer.Ordinal))
        {
            _names.Add(name);
        }
    }

    /// <summary>Adds a member when it is there.</summary>
    public void AddIf(bool present, string name)
    {
        if (present)
        {
            Add(name);
        }
    }
}
