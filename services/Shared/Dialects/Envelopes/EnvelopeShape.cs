using System.Text;

namespace Gateway.Dialects.Envelopes;

/// <summary>Which members of a request body the gateway must know, and by which names: one table a request format, read by <see cref="EnvelopeReader"/>.</summary>
public sealed class EnvelopeShape
{
    /// <summary>A shape of these top-level members.</summary>
    public EnvelopeShape(params EnvelopeMember[] members)
    {
        Members = members;
        var bit = 0;
        foreach (var member in members.SelectMany(static m => m.Children.Prepend(m)))
        {
            member.Bit = 1u << bit++;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(bit, 32);
        Required = [.. members.Where(static m => m.Required)];
    }

    /// <summary>Members that stand for media, looked for anywhere in the prompt.</summary>
    public IReadOnlyList<MediaMember> Media { get => MediaTable; init => MediaTable = [.. value]; }

    /// <summary>True when a request of this format is a stream whatever its body says.</summary>
    public bool AlwaysStream { get; init; }

    /// <summary>Name of the member that holds the caller's own labels, or null when the format has none.</summary>
    public string? LabelsMember => Array.Find(Members, static m => m.Role == EnvelopeRole.Metadata)?.Name;

    internal EnvelopeMember[] Members { get; }

    internal EnvelopeMember[] Required { get; }

    internal MediaMember[] MediaTable { get; private init; } = [];

    /// <summary>The same members for a body that is always a stream.</summary>
    public EnvelopeShape Streamed() => new(Members) { MediaTable = MediaTable, AlwaysStream = true };
}

/// <summary>A member the gateway must know.</summary>
/// <param name="name">Its name.</param>
/// <param name="role">What it means.</param>
/// <param name="children">Members of it that mean something themselves, for <see cref="EnvelopeRole.Group"/>.</param>
public sealed class EnvelopeMember(string name, EnvelopeRole role, params EnvelopeMember[] children)
{
    private string? _path;

    /// <summary>True when a body without it is refused. Default false.</summary>
    public bool Required { get; init; }

    internal string Name { get; } = name;

    internal byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(name);

    internal EnvelopeRole Role { get; } = role;

    internal EnvelopeMember[] Children { get; } = [.. children.Select(c => c.Under(name))];

    internal uint Bit { get; set; }

    /// <summary>Name with that of the object it lies in, as callers are told.</summary>
    internal string Path => _path ?? Name;

    private EnvelopeMember Under(string parent)
    {
        _path = $"{parent}.{Name}";
        return this;
    }
}

/// <summary>What a member means to the gateway.</summary>
public enum EnvelopeRole
{
    /// <summary>The model's name: a string.</summary>
    Model = 1,

    /// <summary>The prompt: an array.</summary>
    PromptArray = 2,

    /// <summary>The prompt: a string or an array.</summary>
    Prompt = 3,

    /// <summary>Whether a stream is asked for: a boolean.</summary>
    Stream = 4,

    /// <summary>Cap on the output tokens of one choice. Of several the largest counts.</summary>
    Cap = 5,

    /// <summary>Number of choices. Of several the largest counts.</summary>
    Choices = 6,

    /// <summary>OpenAI's <c>stream_options</c>.</summary>
    StreamOptions = 7,

    /// <summary>The caller's own labels: an object.</summary>
    Metadata = 8,

    /// <summary>An object whose members mean something themselves.</summary>
    Group = 9,

    /// <summary>Anything but null: refers to a prompt that the provider holds.</summary>
    Reference = 10,

    /// <summary>The gateway's own list of models to fall back to; it is taken out before a provider sees the body.</summary>
    Fallbacks = 11,

    /// <summary>Anything: only whether it is there counts.</summary>
    Any = 12,

    /// <summary>Names the end user, as OpenAI's <c>user</c>. Of another type it is the provider's to refuse.</summary>
    User = 13,

    /// <summary>The same, as OpenAI's <c>safety_identifier</c>.</summary>
    SafetyIdentifier = 14,

    /// <summary>The service tier asked for: a string.</summary>
    Tier = 15,

    /// <summary>The tools offered: a list of objects that each have a <c>type</c>.</summary>
    Tools = 16,

    /// <summary>The tools offered: a list of objects whose members are named by what the tool is.</summary>
    NamedTools = 17,
}

/// <summary>A member within the prompt that stands for media whose tokens cannot be told from the body's length.</summary>
/// <param name="name">Its name.</param>
/// <param name="kind">What it says.</param>
/// <param name="value">The text it must have, or null for any value.</param>
public sealed class MediaMember(string name, MediaMemberKind kind, string? value = null)
{
    internal byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(name);

    internal byte[]? Utf8Value { get; } = value is null ? null : Encoding.UTF8.GetBytes(value);

    internal MediaMemberKind Kind { get; } = kind;
}

/// <summary>What a member within the prompt says of media.</summary>
public enum MediaMemberKind
{
    /// <summary>There is a picture, or a medium whose own bytes are in the body.</summary>
    Item = 1,

    /// <summary>There is something of any size that the provider holds or fetches.</summary>
    Reference = 2,

    /// <summary>There is a document; together with an <see cref="Address"/> it is a reference.</summary>
    Document = 3,

    /// <summary>A medium is given by its address or id.</summary>
    Address = 4,
}
