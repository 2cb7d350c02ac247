// Opening and mapping.
#include "persist/mapped_file.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pinion::persist {

tl::expected<MappedFile, int> MappedFile::Open(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return tl::unexpected(errno);
  struct stat facts {};
  MappedFile file;
  int error = fstat(fd, &facts) == 0 ? 0 : errno;
  if (error == 0 && facts.st_size > 0) {
    file.size_ = static_cast<size_t>(facts.st_size);
    file.at_ = mmap(nullptr, file.size_, PROT_READ, MAP_PRIVATE, fd, 0);
    if (file.at_ == MAP_FAILED) error = errno;
  }
  close(fd);
  if (error != 0) return tl::unexpected(error);
  if (file.at_ != MAP_FAILED) (void)madvise(file.at_, file.size_, MADV_SEQUENTIAL);
  return file;
}

}  // namespace pinion::persist
