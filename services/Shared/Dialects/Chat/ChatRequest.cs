using System.Text.Json;

namespace Gateway.Dialects.Chat;

/// <summary>A chat request in no dialect: what at least one of them can say, said once.</summary>
public sealed class ChatRequest
{
    /// <summary>Dialect it was read from.</summary>
    public required DialectId Origin { get; init; }

    /// <summary>Public model name.</summary>
    public string Model { get; set; } = "";

    /// <summary>True when a stream is asked for.</summary>
    public bool Stream { get; set; }

    /// <summary>True when the caller asked for usage in an OpenAI stream.</summary>
    public bool IncludeUsage { get; set; }

    /// <summary>The conversation, system messages included, in order.</summary>
    public List<ChatMessage> Messages { get; private set; } = [];

    /// <summary>Tools the model may call.</summary>
    public List<ToolDefinition> Tools { get; private set; } = [];

    /// <summary>Which tool must or may be called; null: the dialect's default.</summary>
    public ToolChoice? ToolChoice { get; set; }

    /// <summary>False forbids several calls in one turn; null: the dialect's default.</summary>
    public bool? ParallelToolCalls { get; set; }

    /// <summary>Cap on output tokens, reasoning included, or null.</summary>
    public int? MaxOutputTokens { get; set; }

    /// <summary>Sampling temperature, or null.</summary>
    public double? Temperature { get; set; }

    /// <summary>Nucleus sampling, or null.</summary>
    public double? TopP { get; set; }

    /// <summary>Top-k sampling, or null.</summary>
    public int? TopK { get; set; }

    /// <summary>Minimal probability sampling, or null.</summary>
    public double? MinP { get; set; }

    /// <summary>Frequency penalty, or null.</summary>
    public double? FrequencyPenalty { get; set; }

    /// <summary>Presence penalty, or null.</summary>
    public double? PresencePenalty { get; set; }

    /// <summary>Seed, or null.</summary>
    public long? Seed { get; set; }

    /// <summary>Texts that end the answer.</summary>
    public List<string> Stop { get; } = [];

    /// <summary>Number of choices, or null for one.</summary>
    public int? Choices { get; set; }

    /// <summary>True when log probabilities of the output are asked for.</summary>
    public bool? LogProbabilities { get; set; }

    /// <summary>Number of alternatives per token in the log probabilities, or null.</summary>
    public int? TopLogProbabilities { get; set; }

    /// <summary>Form of the answer; null: text.</summary>
    public ResponseFormat? Format { get; set; }

    /// <summary>Whether and how much the model reasons; null: the model's default.</summary>
    public ReasoningOptions? Reasoning { get; set; }

    /// <summary>How wordy the answer is to be (<c>low</c>, <c>medium</c>, <c>high</c>), or null.</summary>
    public string? Verbosity { get; set; }

    /// <summary>Id of the person behind the request, or null.</summary>
    public string? EndUser { get; set; }

    /// <summary>The caller's own labels.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>Service tier asked for, in the caller's dialect's words, or null.</summary>
    public string? ServiceTier { get; set; }

    /// <summary>Output kinds asked for, for example <c>text</c>, <c>audio</c>, <c>image</c>; empty: text.</summary>
    public List<string> Modalities { get; } = [];

    /// <summary>Members of the caller's body that have no neutral form. Writers of another dialect report them as dropped, or refuse when one is essential.</summary>
    public List<RequestExtension> Extensions { get; } = [];

    /// <summary>The same request with more at the end of its conversation. All else is shared with this one.</summary>
    public ChatRequest With(params IEnumerable<ChatMessage> more)
    {
        var copy = (ChatRequest)MemberwiseClone();
        copy.Messages = [.. Messages, .. more];
        return copy;
    }

    /// <summary>The same request with another conversation. All else is shared with this one.</summary>
    public ChatRequest WithMessages(IEnumerable<ChatMessage> messages)
    {
        var copy = (ChatRequest)MemberwiseClone();
        copy.Messages = [.. messages];
        return copy;
    }

    /// <summary>The same request with other names for the caller's tools, wherever they are named.</summary>
    internal ChatRequest Rename(Func<string, string> rename)
    {
        var copy = (ChatRequest)MemberwiseClone();
        copy.Tools = [.. Tools.Select(tool => tool.Kind == ToolKind.Hosted ? tool : tool.Rename(rename(tool.Name)))];
        copy.Messages = [.. Messages.Select(message => message.Rename(rename))];
        copy.ToolChoice = ToolChoice is { } choice
            ? new ToolChoice { Mode = choice.Mode, Name = choice.Name is { } name ? rename(name) : null, Allowed = [.. choice.Allowed.Select(rename)] } : null;
        return copy;
    }
}

/// <summary>A member of the caller's body that has no neutral form.</summary>
/// <param name="Name">Its path in the caller's dialect.</param>
/// <param name="Value">Its value.</param>
/// <param name="Essential">True when an answer without it would be an answer to another question (a stored conversation, for example): it may not be dropped.</param>
public sealed record RequestExtension(string Name, JsonElement Value, bool Essential = false);

/// <summary>Who speaks.</summary>
public enum ChatRole
{
    /// <summary>Instructions of the application.</summary>
    System = 1,

    /// <summary>Instructions of the application, in OpenAI's newer word; elsewhere the same as <see cref="System"/>.</summary>
    Developer = 2,

    /// <summary>The user.</summary>
    User = 3,

    /// <summary>The model.</summary>
    Assistant = 4,

    /// <summary>Results of tools; its parts are <see cref="ToolResultPart"/> only.</summary>
    Tool = 5,
}

/// <summary>
/// One message. Where a dialect mixes tool results with other content in one turn of the user, its reader makes a <see cref="ChatRole.Tool"/> message of the
/// results and a <see cref="ChatRole.User"/> message of the rest, in that order; its writer joins them again.
/// </summary>
public sealed class ChatMessage(ChatRole role)
{
    /// <summary>Who speaks.</summary>
    public ChatRole Role { get; } = role;

    /// <summary>Name of the participant, or null.</summary>
    public string? Name { get; set; }

    /// <summary>What is said, in order.</summary>
    public List<ContentPart> Parts { get; } = [];

    /// <summary>The same message with other names of tools.</summary>
    internal ChatMessage Rename(Func<string, string> rename)
    {
        var copy = new ChatMessage(Role) { Name = Name };
        copy.Parts.AddRange(Parts.Select(part => part switch
        {
            ToolCallPart call => call.Rename(rename(call.Name)),
            ToolResultPart { Name: { } name } result => result.Rename(rename(name)),
            _ => part,
        }));
        return copy;
    }
}

/// <summary>A tool the model may call.</summary>
public sealed class ToolDefinition
{
    /// <summary>Its name; for hosted tools the name or type in the caller's dialect.</summary>
    public required string Name { get; init; }

    /// <summary>What it does, or null.</summary>
    public string? Description { get; init; }

    /// <summary>JSON Schema of the arguments; null for a tool without arguments or of another kind.</summary>
    public JsonElement? Parameters { get; init; }

    /// <summary>True when arguments must match the schema exactly; null: the dialect's default.</summary>
    public bool? Strict { get; init; }

    /// <summary>Marks the end of a prefix to be cached, or null.</summary>
    public CacheMarker? Cache { get; init; }

    /// <summary>What kind of tool it is.</summary>
    public ToolKind Kind { get; init; } = ToolKind.Function;

    /// <summary>The whole definition in the caller's dialect, for the kinds that only that dialect knows.</summary>
    public JsonElement? Raw { get; init; }

    /// <summary>The same tool under another name.</summary>
    internal ToolDefinition Rename(string name) => name == Name ? this : new ToolDefinition
    {
        Name = name, Description = Description, Parameters = Parameters, Strict = Strict, Cache = Cache, Kind = Kind,
    };
}

/// <summary>Kinds of tools.</summary>
public enum ToolKind
{
    /// <summary>A function of the caller, with JSON arguments.</summary>
    Function = 1,

    /// <summary>A tool of the caller with free text as its input (OpenAI's custom tools).</summary>
    Custom = 2,

    /// <summary>A tool that the provider runs: search, code execution, computer use; <see cref="ToolDefinition.Raw"/> is its definition.</summary>
    Hosted = 3,
}

/// <summary>Which tool must or may be called.</summary>
public sealed class ToolChoice
{
    /// <summary>The rule.</summary>
    public required ToolChoiceMode Mode { get; init; }

    /// <summary>The tool, for <see cref="ToolChoiceMode.Named"/>.</summary>
    public string? Name { get; init; }

    /// <summary>Tools the choice is limited to; empty: all.</summary>
    public IReadOnlyList<string> Allowed { get; init; } = [];
}

/// <summary>Rules of tool choice.</summary>
public enum ToolChoiceMode
{
    /// <summary>The model decides.</summary>
    Auto = 1,

    /// <summary>No tool.</summary>
    None = 2,

    /// <summary>At least one tool.</summary>
    Required = 3,

    /// <summary>The tool named.</summary>
    Named = 4,
}

/// <summary>Form of the answer.</summary>
public sealed class ResponseFormat
{
    /// <summary>The form.</summary>
    public required ResponseFormatKind Kind { get; init; }

    /// <summary>Name of the schema, or null.</summary>
    public string? Name { get; init; }

    /// <summary>What the schema is for, or null.</summary>
    public string? Description { get; init; }

    /// <summary>The JSON Schema, for <see cref="ResponseFormatKind.JsonSchema"/>.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>True when the answer must match exactly; null: the dialect's default.</summary>
    public bool? Strict { get; init; }
}

/// <summary>Forms of an answer.</summary>
public enum ResponseFormatKind
{
    /// <summary>Text.</summary>
    Text = 1,

    /// <summary>Any JSON object.</summary>
    JsonObject = 2,

    /// <summary>JSON that matches a schema.</summary>
    JsonSchema = 3,
}

/// <summary>Whether and how much the model reasons before it answers.</summary>
public sealed class ReasoningOptions
{
    /// <summary>False switches reasoning off, true on; null: not said.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Effort in OpenAI's words (<c>none</c>, <c>minimal</c>, <c>low</c>, <c>medium</c>, <c>high</c>, <c>xhigh</c>), or null.</summary>
    public string? Effort { get; init; }

    /// <summary>Most tokens spent on reasoning, or null; -1: the model decides.</summary>
    public int? BudgetTokens { get; init; }

    /// <summary>True when the reasoning text, or a summary of it, is to be part of the answer; null: the dialect's default.</summary>
    public bool? IncludeText { get; init; }

    /// <summary>Detail of the summary (<c>auto</c>, <c>concise</c>, <c>detailed</c>), or null.</summary>
    public string? Summary { get; init; }
}
