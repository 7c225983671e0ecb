namespace Gateway.Dialects.OpenAI.Compatible;

/// <summary>Where a compatible provider takes the cap on a chat's output.</summary>
public static class ChatCaps
{
    /// <summary>The member's name.</summary>
    /// <param name="provider">Id of the provider, or of the one it is like.</param>
    public static string Member(string provider) => ProviderQuirks.Of(provider).MaxTokensMember;
}
