namespace Gateway.Guardrails.Engine.Injection;

/// <summary>What words say, in whatever language. The numbers are part of the model's features: the model is trained anew when they change.</summary>
internal enum Concept
{
    /// <summary>To take no notice of something.</summary>
    Ignore = 0,

    /// <summary>What came before.</summary>
    Prior = 1,

    /// <summary>Orders, tasks, prompts.</summary>
    Instr = 2,

    /// <summary>To show or tell.</summary>
    Reveal = 3,

    /// <summary>The system prompt, by any of its names.</summary>
    Sysprompt = 4,

    /// <summary>Passwords, keys, codes.</summary>
    Secret = 5,

    /// <summary>Facts about a person or the users.</summary>
    Personal = 6,

    /// <summary>Something else from now on.</summary>
    New = 7,

    /// <summary>To be somebody else.</summary>
    Role = 8,

    /// <summary>Without limits.</summary>
    Unrestricted = 9,

    /// <summary>Rules and limits.</summary>
    Restriction = 10,

    /// <summary>A mode that is switched on.</summary>
    Mode = 11,

    /// <summary>The assistant itself.</summary>
    Ai = 12,

    /// <summary>Somebody who may.</summary>
    Authority = 13,

    /// <summary>At once, important.</summary>
    Urgent = 14,

    /// <summary>To send, call, carry out.</summary>
    Send = 15,

    /// <summary>The answer to be given.</summary>
    Answer = 16,

    /// <summary>To put something in.</summary>
    Add = 17,

    /// <summary>Nothing else.</summary>
    Only = 18,

    /// <summary>Not to be told or seen.</summary>
    Conceal = 19,

    /// <summary>Stories and suppositions.</summary>
    Hypothetical = 20,

    /// <summary>That it is not meant.</summary>
    Disclaimer = 21,

    /// <summary>Step by step.</summary>
    Howto = 22,

    /// <summary>Harm: weapon.</summary>
    HarmWeapon = 23,

    /// <summary>Harm: cyber.</summary>
    HarmCyber = 24,

    /// <summary>Harm: drug.</summary>
    HarmDrug = 25,

    /// <summary>Harm: fraud.</summary>
    HarmFraud = 26,

    /// <summary>Harm: hate.</summary>
    HarmHate = 27,

    /// <summary>Harm: sex.</summary>
    HarmSex = 28,

    /// <summary>Harm: self.</summary>
    HarmSelf = 29,

    /// <summary>Harm: misinfo.</summary>
    HarmMisinfo = 30,

    /// <summary>Never to refuse.</summary>
    Norefuse = 31,

    /// <summary>To go on as told.</summary>
    Stay = 32,

    /// <summary>Two answers.</summary>
    Dual = 33,

    /// <summary>Ciphers and encodings.</summary>
    Encoding = 34,

    /// <summary>Pieces put together.</summary>
    Parts = 35,

    /// <summary>To say given words.</summary>
    Sayquote = 36,

    /// <summary>Untrue.</summary>
    False = 37,

    /// <summary>What was said here.</summary>
    Conversation = 38,

    /// <summary>Work on a document.</summary>
    Doctask = 39,

    /// <summary>Praise that ends a task.</summary>
    Praise = 40,

    /// <summary>A turn to something else.</summary>
    Pivot = 41,

    /// <summary>Pleas, bribes and threats.</summary>
    Plead = 42,

    /// <summary>Commands to the reader.</summary>
    Command = 43,

    /// <summary>Well-known parts to play.</summary>
    Terminal = 44,

    /// <summary>The speaker's own things.</summary>
    Mine = 45,

    /// <summary>Office matters.</summary>
    Office = 46,

    /// <summary>Words of programming.</summary>
    Techword = 47,
}
