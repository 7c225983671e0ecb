using Gateway.Dialects.Chat;

namespace Gateway.Edge.Translation;

/// <summary>The caller's chat request in no dialect: read once, and used by every attempt that has to translate it.</summary>
/// <param name="Request">The request; meaningless when there is a problem.</param>
/// <param name="Problem">What is wrong with it, or null.</param>
internal sealed record CallerChat(ChatRequest Request, DialectProblem? Problem)
{
    /// <summary>Reads it.</summary>
    /// <param name="dialect">The caller's dialect.</param>
    /// <param name="body">The caller's body.</param>
    /// <param name="location">What the address says.</param>
    /// <param name="cap">The cap on output where the caller names none; 0 for none.</param>
    public static CallerChat Read(DialectId dialect, ReadOnlyMemory<byte> body, in RequestLocation location, int cap)
    {
        var problem = ChatDialects.Get(dialect).ReadRequest(body, location, out var request);
        if (cap > 0 && problem is null)
        {
            request.MaxOutputTokens ??= cap;
        }

        return new CallerChat(request, problem);
    }
}
