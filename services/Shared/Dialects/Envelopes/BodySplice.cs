namespace Gateway.Dialects.Envelopes;

/// <summary>
/// A request body with the model's name replaced and, on streams, usage asked for; all other bytes are the caller's. At most two
/// edits, in order of position.
/// </summary>
public readonly struct BodySplice
{
    private static readonly byte[] _wholeOptions = "\"stream_options\":{\"include_usage\":true},"u8.ToArray();
    private static readonly byte[] _optionsValue = "{\"include_usage\":true}"u8.ToArray();
    private static readonly byte[] _onlyMember = "\"include_usage\":true"u8.ToArray();
    private static readonly byte[] _firstMember = "\"include_usage\":true,"u8.ToArray();
    private static readonly byte[] _true = "true"u8.ToArray();

    private readonly ReadOnlyMemory<byte> _body;
    private readonly Edit _first;
    private readonly Edit _second;

    private BodySplice(ReadOnlyMemory<byte> body, Edit first, Edit second)
    {
        _body = body;
        _first = first;
        _second = second;
    }

    /// <summary>Length of the edited body in bytes.</summary>
    public int Length => _body.Length + _first.Growth + _second.Growth;

    /// <summary>Plans the edits of one request to one deployment.</summary>
    /// <param name="body">The caller's body.</param>
    /// <param name="envelope">What was read from it.</param>
    /// <param name="model">The deployment's model name as the body has it: a JSON string, quotes included; in a form the bare name. Null to leave the body's model alone.</param>
    /// <param name="askForUsage">True to make a stream end with a usage chunk.</param>
    public static BodySplice Plan(ReadOnlyMemory<byte> body, in RequestEnvelope envelope, byte[]? model, bool askForUsage)
    {
        var name = model is null ? new Edit(envelope.BodyStart, 0, [])
            : envelope.ModelStart >= 0 ? new Edit(envelope.ModelStart, envelope.ModelLength, model)
            : envelope.IsForm ? new Edit(envelope.BodyStart, 0, FormModel(body.Span, envelope, model))
            // The body has at least the prompt as a member, so the comma is always right.
            : new Edit(envelope.BodyStart, 0, [.. "\"model\":"u8, .. model, (byte)',']);
        if (envelope.IsForm || !askForUsage || !envelope.Stream || envelope.StreamUsage == StreamUsage.Requested)
        {
            return new BodySplice(body, name, Edit.None(body.Length));
        }

        var usage = envelope.StreamUsage switch
        {
            // The body has further members, so the comma is always right.
            StreamUsage.NoOptions => new Edit(envelope.BodyStart, 0, _wholeOptions),
            StreamUsage.NullOptions => new Edit(envelope.StreamUsageStart, envelope.StreamUsageLength, _optionsValue),
            StreamUsage.EmptyOptions => new Edit(envelope.StreamUsageStart, 0, _onlyMember),
            StreamUsage.OtherOptions => new Edit(envelope.StreamUsageStart, 0, _firstMember),
            _ => new Edit(envelope.StreamUsageStart, envelope.StreamUsageLength, _true),
        };
        return usage.Start <= name.Start ? new BodySplice(body, usage, name) : new BodySplice(body, name, usage);
    }

    /// <summary>Segment <paramref name="index"/> (0 to 4) of the edited body, in order; segments may be empty.</summary>
    public ReadOnlyMemory<byte> Segment(int index) => index switch
    {
        0 => _body[.._first.Start],
        1 => _first.Insert,
        2 => _body[_first.End.._second.Start],
        3 => _second.Insert,
        _ => _body[_second.End..],
    };

    /// <summary>Number of segments.</summary>
    public const int SegmentCount = 5;

    /// <summary>Writes the edited body to <paramref name="destination"/>, which has at least <see cref="Length"/> bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        for (var i = 0; i < SegmentCount; i++)
        {
            var segment = Segment(i).Span;
            segment.CopyTo(destination);
            destination = destination[segment.Length..];
        }
    }

    private static byte[] FormModel(ReadOnlySpan<byte> body, in RequestEnvelope envelope, byte[] model) =>
        [.. "Content-Disposition: form-data; name=\"model\"\r\n\r\n"u8, .. model, .. "\r\n"u8, .. body[envelope.DelimiterStart..envelope.BodyStart]];

    private readonly struct Edit(int start, int length, byte[] insert)
    {
        public int Start { get; } = start;

        public int End => Start + length;

        public int Growth => (Insert?.Length ?? 0) - length;

        public byte[] Insert { get; } = insert;

        public static Edit None(int end) => new(end, 0, []);
    }
}
