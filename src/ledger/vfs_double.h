// A SQLite VFS over FsDouble, so that failures and power cuts hit the ledger together with everything else.
// For tests only.
#pragma once

#include <memory>
#include <string>

#include "store/fs_double.h"

namespace forebay {

// Registered under name() from construction to destruction. Every connection must be closed before it is
// destroyed.
class VfsDouble {
 public:
  // `fs` must outlive it.
  explicit VfsDouble(FsDouble& fs);
  ~VfsDouble();
  VfsDouble(const VfsDouble&) = delete;
  VfsDouble& operator=(const VfsDouble&) = delete;

  const char* name() const { return name_.c_str(); }

  struct Registration;

 private:
  std::string name_;
  std::unique_ptr<Registration> registration_;
};

}  // namespace forebay
