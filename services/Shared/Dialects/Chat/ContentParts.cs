using System.Text.Json;

namespace Gateway.Dialects.Chat;

/// <summary>A piece of a message or of an answer.</summary>
public abstract class ContentPart
{
    /// <summary>Marks the end of a prefix to be cached by the provider, or null.</summary>
    public CacheMarker? Cache { get; set; }
}

/// <summary>Marks the end of a prefix to be cached by the provider.</summary>
/// <param name="Ttl">How long, in Anthropic's words (<c>5m</c>, <c>1h</c>); null: the provider's default.</param>
public sealed record CacheMarker(string? Ttl);

/// <summary>Text.</summary>
public sealed class TextPart(string text) : ContentPart
{
    /// <summary>The text.</summary>
    public string Text { get; set; } = text;

    /// <summary>Sources of the text; empty when none are given.</summary>
    public List<Citation> Citations { get; } = [];

    /// <summary>Opaque proof that the model produced this text (Gemini sends one with some texts), or null.</summary>
    public Signature? Signature { get; set; }
}

/// <summary>An image, document, recording or film.</summary>
public sealed class MediaPart(MediaKind kind) : ContentPart
{
    /// <summary>What it is.</summary>
    public MediaKind Kind { get; } = kind;

    /// <summary>Media type, for example <c>image/png</c>, or null when unknown.</summary>
    public string? MediaType { get; set; }

    /// <summary>The bytes in base64, or null.</summary>
    public string? Data { get; set; }

    /// <summary>Address to fetch it from (<c>https</c>, <c>gs</c>, <c>s3</c>), or null.</summary>
    public string? Url { get; set; }

    /// <summary>Id of a file that the provider holds, or null.</summary>
    public string? FileId { get; set; }

    /// <summary>A document given as plain text, or null.</summary>
    public string? Text { get; set; }

    /// <summary>File name or title, or null.</summary>
    public string? Name { get; set; }

    /// <summary>What the document is about, for the model's eyes only, or null.</summary>
    public string? Context { get; set; }

    /// <summary>True when the model is to cite from the document.</summary>
    public bool? CitationsEnabled { get; set; }

    /// <summary>Resolution asked for (OpenAI's <c>low</c>, <c>high</c>, <c>auto</c>), or null.</summary>
    public string? Detail { get; set; }

    /// <summary>What was said, for recordings in an answer, or null.</summary>
    public string? Transcript { get; set; }

    /// <summary>Id of a recording that the provider holds, or null.</summary>
    public string? Id { get; set; }
}

/// <summary>Kinds of media.</summary>
public enum MediaKind
{
    /// <summary>A picture.</summary>
    Image = 1,

    /// <summary>A document, for example a PDF.</summary>
    Document = 2,

    /// <summary>A sound recording.</summary>
    Audio = 3,

    /// <summary>A film.</summary>
    Video = 4,
}

/// <summary>A tool that the model wants called.</summary>
public sealed class ToolCallPart : ContentPart
{
    /// <summary>Id that the result refers to. Dialects without ids get one from the reader that is unique within the conversation and the same each time.</summary>
    public required string Id { get; set; }

    /// <summary>The tool.</summary>
    public required string Name { get; set; }

    /// <summary>The arguments as JSON text; empty is read as <c>{}</c>. For a custom tool the free text.</summary>
    public string Arguments { get; set; } = "";

    /// <summary>True for a tool with free text as its input.</summary>
    public bool IsCustom { get; set; }

    /// <summary>Opaque proof that the model produced this call (Gemini's thought signature), or null.</summary>
    public Signature? Signature { get; set; }

    /// <summary>The same call of a tool with another name.</summary>
    internal ToolCallPart Rename(string name) => name == Name ? this
        : new ToolCallPart { Id = Id, Name = name, Arguments = Arguments, IsCustom = IsCustom, Signature = Signature, Cache = Cache };
}

/// <summary>What a tool gave back.</summary>
public sealed class ToolResultPart : ContentPart
{
    /// <summary>Id of the call.</summary>
    public required string CallId { get; set; }

    /// <summary>Name of the tool where the dialect gives it; writers that need one look it up by <see cref="CallId"/>.</summary>
    public string? Name { get; set; }

    /// <summary>The result: text, media, or opaque parts.</summary>
    public List<ContentPart> Content { get; } = [];

    /// <summary>True when the tool failed.</summary>
    public bool IsError { get; set; }

    /// <summary>The same result of a tool with another name.</summary>
    internal ToolResultPart Rename(string name)
    {
        if (name == Name)
        {
            return this;
        }

        var copy = new ToolResultPart { CallId = CallId, Name = name, IsError = IsError, Cache = Cache };
        copy.Content.AddRange(Content);
        return copy;
    }
}

/// <summary>What the model thought before it answered.</summary>
public sealed class ReasoningPart : ContentPart
{
    /// <summary>The reasoning or its summary; empty when only an encrypted form is given.</summary>
    public string Text { get; set; } = "";

    /// <summary>True when <see cref="Text"/> is a summary.</summary>
    public bool IsSummary { get; set; }

    /// <summary>Opaque proof for <see cref="Text"/>, or null.</summary>
    public Signature? Signature { get; set; }

    /// <summary>The reasoning in a form only its provider can read (Anthropic's redacted thinking, OpenAI's encrypted content), or null.</summary>
    public Signature? Encrypted { get; set; }

    /// <summary>The provider's id of it, or null.</summary>
    public string? Id { get; set; }
}

/// <summary>A refusal, in dialects that tell it from text.</summary>
public sealed class RefusalPart(string text) : ContentPart
{
    /// <summary>What the model said.</summary>
    public string Text { get; set; } = text;
}

/// <summary>A part that only one dialect knows, for example a search that the provider ran.</summary>
/// <param name="origin">The dialect.</param>
/// <param name="type">Its type in that dialect.</param>
/// <param name="raw">The whole part.</param>
public sealed class OpaquePart(DialectId origin, string type, JsonElement raw) : ContentPart
{
    /// <summary>The dialect that knows it.</summary>
    public DialectId Origin { get; } = origin;

    /// <summary>Its type in that dialect.</summary>
    public string Type { get; } = type;

    /// <summary>The whole part.</summary>
    public JsonElement Raw { get; } = raw;
}

/// <summary>A source of a text.</summary>
public sealed class Citation
{
    /// <summary>Where it was found, or null.</summary>
    public string? Url { get; init; }

    /// <summary>Title of the source, or null.</summary>
    public string? Title { get; init; }

    /// <summary>The words cited, or null.</summary>
    public string? CitedText { get; init; }

    /// <summary>Where the cited statement begins in its text part, in characters, or null: all of the part is meant.</summary>
    public int? Start { get; init; }

    /// <summary>Where it ends, or null.</summary>
    public int? End { get; init; }

    /// <summary>Position of the source among the documents of the request, or null.</summary>
    public int? Document { get; init; }

    /// <summary>Dialect of <see cref="Raw"/>.</summary>
    public DialectId Origin { get; init; }

    /// <summary>The citation as the provider gave it, or null.</summary>
    public JsonElement? Raw { get; init; }
}
