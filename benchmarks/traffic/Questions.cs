using System.Collections.Immutable;

namespace Gateway.Benchmarks.Traffic;

/// <summary>What people ask a help desk: the same things again, in other words, and things that only look the same.</summary>
internal static class Questions
{
    // Of each line the wordings mean the same; the last one asks for something else that looks much like it.
    private static readonly ImmutableArray<ImmutableArray<string>> Lines =
    [
        ["How do I reset my password?", "How can I reset my password?", "What do I do to reset my password?", "How do I change my username?"],
        ["When does the office in Oslo open?", "At what time does the office in Oslo open?", "What time does the Oslo office open?", "When does the office in Bergen open?"],
        ["Where do I find my invoices?", "Where can I find my invoices?", "Where are my invoices?", "Where do I find my contracts?"],
        ["How many days of holiday do I have?", "How many holidays do I have?", "What is the number of my holidays?", "How many days of holiday are left over from last year?"],
        ["How do I cancel my subscription?", "How can I cancel my subscription?", "What is the way to cancel my subscription?", "How do I extend my subscription?"],
        ["Can I pay by credit card?", "Is it possible to pay by credit card?", "Do you take credit cards?", "Can I pay without a credit card?"],
        ["What does shipping to Norway cost?", "How much is shipping to Norway?", "What is the price of shipping to Norway?", "What does shipping to Sweden cost?"],
        ["How long does delivery take?", "How long will delivery take?", "How much time does delivery take?", "How long does a refund take?"],
        ["How do I add a colleague to my team?", "How can I add a colleague to my team?", "What do I do to add a colleague to my team?", "How do I remove a colleague from my team?"],
        ["Where is the nearest parking garage?", "Where can I find the nearest parking garage?", "Which parking garage is the nearest?", "Where is the nearest train station?"],
        ["How do I export my data?", "How can I export my data?", "What is the way to export my data?", "How do I import my data?"],
        ["Is my data encrypted?", "Do you encrypt my data?", "Is the data that I store encrypted?", "Is my data deleted?"],
        ["How do I connect a printer?", "How can I connect a printer?", "What do I do to connect a printer?", "How do I disconnect a printer?"],
        ["Who approves my travel expenses?", "Who has to approve my travel expenses?", "By whom are my travel expenses approved?", "Who approves my home office?"],
        ["How do I book a meeting room?", "How can I book a meeting room?", "What is the way to book a meeting room?", "How do I book a parking space?"],
        ["What is the warranty of the lamp?", "How long is the warranty of the lamp?", "What warranty does the lamp have?", "What is the weight of the lamp?"],
    ];

    private static readonly ImmutableArray<string> Openings = ["", "Hello, ", "Please tell me: ", "Quick question: ", "Good morning. ", "One more thing: "];

    private static readonly ImmutableArray<string> Closings = ["", " Thanks.", " Thank you!", " Please answer soon."];

    /// <summary>A question by its number: of some hundred wordings, asked at different rates.</summary>
    public static string At(int number)
    {
        // Squares crowd the low lines, so that some questions are asked much more often than others.
        var spread = (number * 7919L) % 997;
        var line = Lines[(int)(spread * spread / (997 * 997 / Lines.Length + 1)) % Lines.Length];
        return Openings[(number / 3) % Openings.Length] + line[number % line.Length] + Closings[(number / 11) % Closings.Length];
    }
}
