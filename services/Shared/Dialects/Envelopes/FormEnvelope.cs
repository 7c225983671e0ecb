using System.Buffers.Text;
using System.Text;

namespace Gateway.Dialects.Envelopes;

/// <summary>
/// Reads the envelope of a <c>multipart/form-data</c> body in one pass: where its parts are, and what the gateway must know of them. Files are neither copied nor
/// looked at.
/// </summary>
public static class FormEnvelope
{
    /// <summary>Most parts of a form.</summary>
    public const int MaxParts = 256;

    private const int MaxHeadBytes = 16 * 1024;
    private const int MaxBoundaryChars = 70;
    private const int MaxChoices = 128;

    /// <summary>Reads <paramref name="body"/>.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="boundary">The boundary that the content type names, or null when it names none.</param>
    /// <param name="shape">The request's format; only members that can be a form's count.</param>
    /// <param name="modelElsewhere">True when the model is known without the body.</param>
    /// <param name="envelope">What was read; meaningful only when the result's problem is <see cref="EnvelopeProblem.None"/>.</param>
    /// <param name="parts">The parts, in order.</param>
    public static EnvelopeError Read(ReadOnlySpan<byte> body, string? boundary, EnvelopeShape shape, bool modelElsewhere, out RequestEnvelope envelope, out IReadOnlyList<FormPart> parts)
    {
        envelope = new RequestEnvelope { Choices = 1, MaxOutputTokens = -1, MetadataStart = -1, ModelStart = -1, IsForm = true };
        var found = new List<FormPart>(8);
        parts = found;
        if (boundary is not { Length: > 0 and <= MaxBoundaryChars })
        {
            return Malformed($"The content type 'multipart/form-data' must name a boundary of 1 to {MaxBoundaryChars} characters.");
        }

        if (Split(body, Encoding.UTF8.GetBytes("--" + boundary), found, ref envelope) is { Problem: not EnvelopeProblem.None } broken)
        {
            return broken;
        }

        var seen = 0u;
        foreach (var part in found)
        {
            if (Note(body, part, shape, ref envelope, ref seen) is { Problem: not EnvelopeProblem.None } wrong)
            {
                return wrong;
            }
        }

        if (envelope.ModelStart < 0 && !modelElsewhere)
        {
            return new EnvelopeError(EnvelopeProblem.Missing, "model", "'model' is required: the name of a model as listed by GET /v1/models.");
        }

        foreach (var required in shape.Required)
        {
            if ((seen & required.Bit) == 0)
            {
                return new EnvelopeError(EnvelopeProblem.Missing, required.Name, $"'{required.Name}' is required.");
            }
        }

        return default;
    }

    private static EnvelopeError Split(ReadOnlySpan<byte> body, ReadOnlySpan<byte> delimiter, List<FormPart> parts, ref RequestEnvelope envelope)
    {
        var at = body.StartsWith(delimiter) ? 0 : Find(body, 0, delimiter);
        if (at < 0)
        {
            return Malformed("The body does not contain the boundary that the content type names.");
        }

        envelope.DelimiterStart = at;
        while (true)
        {
            at += delimiter.Length;
            if (body[at..].StartsWith("--"u8))
            {
                return default;
            }

            var line = body[at..].IndexOf("\r\n"u8);
            if (line < 0 || body.Slice(at, line).IndexOfAnyExcept(" \t"u8) >= 0)
            {
                return Malformed("A boundary of the form is not followed by a line break.");
            }

            at += line + 2;
            if (parts.Count == 0)
            {
                envelope.BodyStart = at;
            }

            var head = body.Slice(at, Math.Min(body.Length - at, MaxHeadBytes));
            // A part without headers has its blank line at once, and no name.
            var headEnd = head.StartsWith("\r\n"u8) ? -1 : head.IndexOf("\r\n\r\n"u8);
            if (headEnd < 0 || FormPartHead.Read(head[..headEnd]) is not { } read)
            {
                return Malformed($"Part {parts.Count + 1} of the form has no 'Content-Disposition: form-data' with a name.");
            }

            if (parts.Count == MaxParts)
            {
                return Malformed($"The form has more than {MaxParts} parts.");
            }

            var start = at + headEnd + 4;
            // The line break in front of a delimiter is the delimiter's; that of an empty part ends its headers too.
            at = Find(body, start - 2, delimiter);
            if (at < 0)
            {
                return Malformed("The form breaks off: its closing boundary is missing.");
            }

            parts.Add(new FormPart(read.Name, read.FileName, read.ContentType, start, Math.Max(0, at - 2 - start)));
        }
    }

    private static int Find(ReadOnlySpan<byte> body, int from, ReadOnlySpan<byte> delimiter)
    {
        for (var at = from; at < body.Length;)
        {
            var next = body[at..].IndexOf(delimiter);
            if (next < 0)
            {
                return -1;
            }

            at += next;
            if (at >= 2 && at - 2 >= from && body.Slice(at - 2, 2).SequenceEqual("\r\n"u8))
            {
                return at;
            }

            at++;
        }

        return -1;
    }

    private static EnvelopeError Note(ReadOnlySpan<byte> body, FormPart part, EnvelopeShape shape, ref RequestEnvelope envelope, ref uint seen)
    {
        if (part.IsFile)
        {
            envelope.Media++;
            envelope.FileBytes += part.Length;
        }
        else
        {
            envelope.TextBytes += part.Length;
        }

        if (Array.Find(shape.Members, m => m.Name == part.Member) is not { } member)
        {
            return default;
        }

        var isSecond = (seen & member.Bit) != 0;
        seen |= member.Bit;
        var value = body.Slice(part.Start, part.Length);
        switch (member.Role)
        {
            case EnvelopeRole.Model or EnvelopeRole.Stream or EnvelopeRole.Choices when isSecond:
                return new EnvelopeError(EnvelopeProblem.Duplicate, member.Name, $"'{member.Name}' is given twice; give it once.");
            case EnvelopeRole.Model when value.Length is 0 or > EnvelopeReader.MaxModelBytes || part.IsFile:
                return new EnvelopeError(EnvelopeProblem.WrongType, "model", $"'model' must have 1 to {EnvelopeReader.MaxModelBytes} bytes.");
            case EnvelopeRole.Model:
                (envelope.ModelStart, envelope.ModelLength) = (part.Start, part.Length);
                return default;
            case EnvelopeRole.Stream:
                envelope.Stream = Is(value, "true"u8);
                return envelope.Stream || value.IsEmpty || Is(value, "false"u8) ? default : Wrong(member.Name, "must be true or false");
            case EnvelopeRole.Choices when value.Length > 0:
                var isNumber = Utf8Parser.TryParse(value, out int number, out var read) && read == value.Length && number is >= 1 and <= MaxChoices;
                envelope.Choices = isNumber ? number : 1;
                return isNumber ? default : Wrong(member.Name, $"must be a whole number from 1 to {MaxChoices}");
            default:
                return default;
        }
    }

    private static bool Is(ReadOnlySpan<byte> value, ReadOnlySpan<byte> word) => Ascii.EqualsIgnoreCase(value, word);

    private static EnvelopeError Wrong(string name, string what) => new(EnvelopeProblem.WrongType, name, $"'{name}' {what}.");

    private static EnvelopeError Malformed(string detail) => new(EnvelopeProblem.Malformed, null, detail);
}
