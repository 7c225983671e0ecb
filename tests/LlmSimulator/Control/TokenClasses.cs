namespace Gateway.LlmSimulator.Control;

/// <summary>Tokens that are priced apart. Those of the prompt are part of the prompt's tokens, those of the answer part of the completion's.</summary>
/// <param name="CacheRead">Prompt tokens read from the provider's cache.</param>
/// <param name="CacheWrite">Prompt tokens written to it for the usual time.</param>
/// <param name="CacheWriteLong">Prompt tokens written to it for an hour.</param>
/// <param name="Reasoning">Tokens of thinking.</param>
/// <param name="AudioInput">Prompt tokens that are audio.</param>
/// <param name="AudioOutput">Completion tokens that are audio.</param>
public sealed record TokenClasses(int CacheRead = 0, int CacheWrite = 0, int CacheWriteLong = 0, int Reasoning = 0, int AudioInput = 0, int AudioOutput = 0)
{
    /// <summary>No token is of any class.</summary>
    public static TokenClasses None { get; } = new();
}
