namespace Gateway.Dialects.Envelopes;

/// <summary>
/// What the gateway needs to know of a request body, with the byte positions needed to edit it in place. Everything
/// else in the body stays as the caller wrote it.
/// </summary>
public struct RequestEnvelope
{
    /// <summary>The service tier asked for; <see cref="ReportedTier.Unknown"/> when none is.</summary>
    public ReportedTier Tier { get; internal set; }

    /// <summary>True when the provider may choose the tier, as <c>auto</c> says.</summary>
    public bool IsTierLeft { get; internal set; }

    /// <summary>Position just after the opening brace of the body.</summary>
    public int BodyStart { get; internal set; }

    /// <summary>Position of the model's JSON value, opening quote included; -1 when the body names no model.</summary>
    public int ModelStart { get; internal set; }

    /// <summary>Length of the model's JSON value, both quotes included.</summary>
    public int ModelLength { get; internal set; }

    /// <summary>True when the model's JSON value holds escapes and must be decoded.</summary>
    public bool ModelEscaped { get; internal set; }

    /// <summary>True when the caller asked for a stream.</summary>
    public bool Stream { get; internal set; }

    /// <summary>The cap the caller set on output tokens of one choice, or -1.</summary>
    public long MaxOutputTokens { get; internal set; }

    /// <summary>Number of choices asked for; 1 by default.</summary>
    public int Choices { get; internal set; }

    /// <summary>Number of pictures and documents in the prompt, whose tokens cannot be told from the body's length.</summary>
    public int Media { get; internal set; }

    /// <summary>Number of references to content of unknown size that the provider holds or fetches.</summary>
    public int References { get; internal set; }

    /// <summary>True when the request offers tools.</summary>
    public bool HasTools { get; internal set; }

    /// <summary>Tools of the provider's making that callers run, whose description the provider adds; at most 255.</summary>
    public byte BuiltInTools { get; internal set; }

    /// <summary>How often the tools for searching the web may be used where each of them says so; else 0.</summary>
    public ushort MostSearches { get; internal set; }

    /// <summary>Tools that the provider runs, whose results come into the prompt; at most 255.</summary>
    public byte HostedTools { get; internal set; }

    /// <summary>Position of the object of the caller's labels, or -1.</summary>
    public int MetadataStart { get; internal set; }

    /// <summary>Length of that object.</summary>
    public int MetadataLength { get; internal set; }

    /// <summary>Position of the member <c>fallbacks</c>, its name included; meaningful only with <see cref="FallbacksLength"/>.</summary>
    public int FallbacksStart { get; internal set; }

    /// <summary>Length of the member <c>fallbacks</c>, or 0 when there is none. It is the gateway's own: providers do not know it.</summary>
    public int FallbacksLength { get; internal set; }

    /// <summary>Position of the value of <c>user</c>; meaningful only with <see cref="UserLength"/>.</summary>
    public int UserStart { get; internal set; }

    /// <summary>Length of the value of <c>user</c>, or 0 when there is none.</summary>
    public int UserLength { get; internal set; }

    /// <summary>Position of the value of <c>safety_identifier</c>; meaningful only with <see cref="SafetyIdentifierLength"/>.</summary>
    public int SafetyIdentifierStart { get; internal set; }

    /// <summary>Length of the value of <c>safety_identifier</c>, or 0 when there is none.</summary>
    public int SafetyIdentifierLength { get; internal set; }

    /// <summary>True when the body is a form: the model's value then has no quotes.</summary>
    public bool IsForm { get; internal set; }

    /// <summary>Position of a form's first delimiter; it ends with its line break at <see cref="BodyStart"/>.</summary>
    public int DelimiterStart { get; internal set; }

    /// <summary>Bytes of a form's files.</summary>
    public long FileBytes { get; internal set; }

    /// <summary>Bytes of a form's other values.</summary>
    public long TextBytes { get; internal set; }

    /// <summary>What the body says of <c>stream_options.include_usage</c>.</summary>
    public StreamUsage StreamUsage { get; internal set; }

    /// <summary>Where <see cref="StreamUsage"/> is edited: a value's position, or the position after the options' opening brace.</summary>
    public int StreamUsageStart { get; internal set; }

    /// <summary>Length of the value that the edit replaces; 0 for an insertion.</summary>
    public int StreamUsageLength { get; internal set; }
}

/// <summary>What a request body says of <c>stream_options.include_usage</c>.</summary>
public enum StreamUsage
{
    /// <summary>There is no <c>stream_options</c>.</summary>
    NoOptions = 0,

    /// <summary><c>stream_options</c> is null.</summary>
    NullOptions = 1,

    /// <summary><c>stream_options</c> is an empty object.</summary>
    EmptyOptions = 2,

    /// <summary><c>stream_options</c> has members, <c>include_usage</c> not among them.</summary>
    OtherOptions = 3,

    /// <summary><c>include_usage</c> is there and not true.</summary>
    Declined = 4,

    /// <summary><c>include_usage</c> is true: the caller wants to see it.</summary>
    Requested = 5,
}

/// <summary>Why a body could not be read; <see cref="None"/> when it could.</summary>
public enum EnvelopeProblem
{
    /// <summary>The body was read.</summary>
    None = 0,

    /// <summary>Not JSON; <see cref="EnvelopeError.Detail"/> says where.</summary>
    Malformed = 1,

    /// <summary>Nested deeper than allowed.</summary>
    TooDeep = 2,

    /// <summary>JSON, but not an object.</summary>
    NotAnObject = 3,

    /// <summary>A member has the wrong type or an impossible value.</summary>
    WrongType = 4,

    /// <summary>A required member is missing.</summary>
    Missing = 5,

    /// <summary>A member that decides policy is there twice, and readers differ on which one counts.</summary>
    Duplicate = 6,
}

/// <summary>Why a body could not be read.</summary>
/// <param name="Problem">The kind of problem.</param>
/// <param name="Member">The member concerned, or null.</param>
/// <param name="Detail">What was expected, in words for the caller, or null.</param>
public readonly record struct EnvelopeError(EnvelopeProblem Problem, string? Member, string? Detail);
