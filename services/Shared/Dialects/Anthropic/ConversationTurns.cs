using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Anthropic;

/// <summary>One turn of a conversation in which user and assistant take turns strictly.</summary>
/// <param name="isUser">Who speaks.</param>
internal sealed class ConversationTurn(bool isUser)
{
    /// <summary>True for the user, who also brings the results of tools.</summary>
    public bool IsUser { get; } = isUser;

    /// <summary>What is said, results of tools first: the model expects them right after its calls.</summary>
    public List<ContentPart> Parts { get; } = [];

    /// <summary>Number of results at the beginning of <see cref="Parts"/>.</summary>
    public int Results { get; set; }
}

/// <summary>
/// Arranges a neutral conversation for dialects with a system prompt apart and strict turns (Anthropic, Bedrock Converse): instructions anywhere in the
/// conversation go to the system prompt, messages of the same side are joined, what is empty is left out, and the user begins.
/// </summary>
internal sealed class ConversationTurns
{
    /// <summary>Said by the user where the conversation does not begin with the user.</summary>
    public const string Opening = ".";

    /// <summary>Parts of the system prompt, in order: texts, and what only the target's own dialect knows.</summary>
    public List<ContentPart> System { get; } = [];

    /// <summary>The turns.</summary>
    public List<ConversationTurn> Turns { get; } = [];

    /// <summary>Tools that the conversation calls, in the order met.</summary>
    public List<string> CalledTools { get; } = [];

    /// <summary>Arranges the conversation.</summary>
    /// <param name="request">The request.</param>
    /// <param name="accept">Tells whether a part can be written in this turn (true for the user's), and reports it when not. Not asked for empty texts.</param>
    public static ConversationTurns Arrange(ChatRequest request, Func<ContentPart, ChatRole, bool> accept)
    {
        var turns = new ConversationTurns();
        foreach (var message in request.Messages)
        {
            foreach (var part in message.Parts)
            {
                if (part is TextPart text && string.IsNullOrWhiteSpace(text.Text))
                {
                    turns.KeepMarker(message.Role, text.Cache);
                }
                else if (accept(part, message.Role))
                {
                    turns.Add(message.Role, part);
                }
            }
        }

        if (turns.Turns.Count == 0 || !turns.Turns[0].IsUser)
        {
            turns.Turns.Insert(0, new ConversationTurn(isUser: true));
            turns.Turns[0].Parts.Add(new TextPart(Opening));
        }

        return turns;
    }

    private void Add(ChatRole role, ContentPart part)
    {
        if (role is ChatRole.System or ChatRole.Developer)
        {
            System.Add(part);
            return;
        }

        var isUser = role is ChatRole.User or ChatRole.Tool;
        if (Turns.Count == 0 || Turns[^1].IsUser != isUser)
        {
            Turns.Add(new ConversationTurn(isUser));
        }

        var turn = Turns[^1];
        if (part is ToolResultPart)
        {
            turn.Parts.Insert(turn.Results++, part);
        }
        else
        {
            turn.Parts.Add(part);
        }

        if (part is ToolCallPart call && !CalledTools.Contains(call.Name, StringComparer.Ordinal))
        {
            CalledTools.Add(call.Name);
        }
    }

    // A marker on a text that is left out still ends the prefix before it.
    private void KeepMarker(ChatRole role, CacheMarker? cache)
    {
        if (cache is null)
        {
            return;
        }

        var parts = role is ChatRole.System or ChatRole.Developer ? System : Turns.Count > 0 ? Turns[^1].Parts : null;
        if (parts is { Count: > 0 } && parts[^1] is { Cache: null } last)
        {
            Marked[last] = cache;
        }
    }

    /// <summary>Cache markers that moved to another part than the caller's; the request itself is not changed.</summary>
    public Dictionary<ContentPart, CacheMarker> Marked { get; } = [];

    /// <summary>The marker of a part.</summary>
    public CacheMarker? CacheOf(ContentPart part) => part.Cache ?? Marked.GetValueOrDefault(part);
}
