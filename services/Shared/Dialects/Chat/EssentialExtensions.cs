namespace Gateway.Dialects.Chat;

/// <summary>Members that only the caller's own dialect has, and without which the answer would be one to another question.</summary>
internal static class EssentialExtensions
{
    /// <summary>Why a request cannot be written in a dialect, or null.</summary>
    public static DialectProblem? Check(ChatRequest request, DialectId dialect) =>
        request.Origin != dialect && request.Extensions.Find(static e => e.Essential) is { } essential
            ? new DialectProblem(
                $"{essential.Name} cannot be expressed for the provider of this model, and an answer without it would not be what was asked for. Leave it out, or ask for a model whose provider has it.",
                essential.Name)
            : null;
}
