using System.Text.Json;

namespace Gateway.Dialects.OpenAI;

/// <summary>One pass over a whole answer, for what it is billed by.</summary>
internal static class WholeAnswer
{
    /// <summary>Reads the members of an answer; the reader stands on its opening brace and, afterwards, on the closing one.</summary>
    /// <returns>Whether it tells usage.</returns>
    public delegate bool Members(ref Utf8JsonReader reader, ref TokenCounts counts);

    /// <summary>Reads the usage of an answer.</summary>
    /// <param name="answer">The answer's JSON.</param>
    /// <param name="counts">Its tokens.</param>
    /// <param name="read">What its dialect reads.</param>
    public static AnswerUsage Read(ReadOnlySpan<byte> answer, out TokenCounts counts, Members read)
    {
        counts = default;
        var reader = new Utf8JsonReader(answer);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return AnswerUsage.NotAnAnswer;
            }

            var found = read(ref reader, ref counts);

            // What follows the answer makes it none.
            reader.Read();
            return found ? AnswerUsage.Found : AnswerUsage.Absent;
        }
        catch (JsonException)
        {
            counts = default;
            return AnswerUsage.NotAnAnswer;
        }
    }
}
